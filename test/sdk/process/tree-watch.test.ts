import { describe, expect, test } from 'vitest';
import { endTree } from '../../../src/sdk/process/end-tree.ts';
import { nextTurn, type ProcessEntry } from '../../../src/sdk/process/process-table.ts';
import { type ProcessId, TreeWatch, type WatchedTree } from '../../../src/sdk/process/tree-watch.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';

/** A pid that no process has on Linux. */
const FIRST_PID = 5_000_000;

type Row = Partial<ProcessEntry> & { readonly pid: number; readonly mark?: string };

const entry = ({ mark, ...row }: Row): ProcessEntry => ({
  parent: 1,
  group: row.pid,
  session: row.pid,
  zombie: false,
  startTicks: 100,
  marker: () => mark,
  limit: () => undefined,
  ...row,
});

/** An imaginary process table, and a watch that reads it. */
function imaginary() {
  const clock = new SimulatedClock();
  const rows = new Map<number, Row>();
  const read: string[] = [];
  const watch = new TreeWatch(clock, async visit => {
    const entries = [...rows.values()].map(row => ({
      ...entry(row),
      marker: () => {
        read.push(`${row.pid}`);
        return row.mark;
      },
    }));
    for (const [at, one] of entries.entries()) {
      if (at % 16 === 0) await nextTurn();
      visit(one);
    }
    return entries;
  });
  const put = (...added: Row[]): void => {
    for (const row of added) rows.set(row.pid, row);
  };
  const pidsOf = async (tree: WatchedTree) => (await tree.members()).map(({ pid }) => pid).sort();
  /** Seconds pass, each with what follows from it. */
  const pass = async (seconds: number): Promise<void> => {
    for (let tenth = 0; tenth < 10 * seconds; tenth += 1) {
      clock.advance(100);
      for (let turn = 0; turn < 6; turn += 1) await nextTurn();
    }
  };
  return { clock, rows, watch, put, pidsOf, pass, read };
}

describe('looks at the process table (TREE-WATCH-1)', () => {
  test.each([1, 50])('%i live trees: at most one a second', async count => {
    const { watch, put, pass, clock } = imaginary();
    const trees = Array.from({ length: count }, (_, index) => {
      put({ pid: FIRST_PID + index });
      return watch.ofProgram(FIRST_PID + index, `marker ${index}`);
    });
    await pass(20);
    expect(watch.looks).toBeGreaterThanOrEqual(10);
    expect(watch.looks).toBeLessThanOrEqual(21);
    for (const tree of trees) tree.release();
    const before = watch.looks;
    await pass(20);
    expect(watch.looks).toBe(before);
    expect(clock.pending).toBe(0);
  });

  test('none before there is a tree', async () => {
    const { watch, pass, clock } = imaginary();
    await pass(5);
    expect(watch.looks).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('no pause begins for a tree that was released meanwhile', async () => {
    const { watch, put, clock } = imaginary();
    put({ pid: FIRST_PID });
    const tree = watch.ofProgram(FIRST_PID, 'marker');
    const first = tree.members();
    while (watch.looks < 1) await nextTurn();
    clock.advance(200); // so long does the look take, and so long would the pause be
    await first;
    const second = tree.members();
    tree.release();
    await second;
    expect(watch.looks).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test('80 trees that end at once share them', async () => {
    const { watch, put, rows, clock } = imaginary();
    const endings = Array.from({ length: 80 }, (_, index) => {
      const pid = FIRST_PID + 2 * index;
      put({ pid }, { pid: pid + 1, parent: pid });
      const tree = watch.ofProgram(pid, `marker ${index}`);
      const send = (member: ProcessId): void => void rows.delete(member.pid);
      return endTree(tree, clock, { urgency: 'terminate', send }).gone;
    });
    let left = endings.length;
    for (const ending of endings) void ending.then(() => (left -= 1));
    for (let turns = 0; left > 0 && turns < 1_000; turns += 1) {
      clock.advance(5);
      await nextTurn();
    }
    expect(left).toBe(0);
    expect(watch.looks).toBeLessThanOrEqual(8);
  });

  test('one look answers all that ask in one turn, and one that asks while it goes on gets the next', async () => {
    const { watch, put, pidsOf } = imaginary();
    put({ pid: FIRST_PID });
    const tree = watch.ofProgram(FIRST_PID, 'marker');
    await Promise.all([tree.members(), tree.members(), tree.members()]);
    expect(watch.looks).toBe(1);
    const first = tree.members();
    while (watch.looks < 2) await nextTurn();
    put({ pid: FIRST_PID + 1, parent: FIRST_PID });
    expect(await pidsOf(tree)).toEqual([FIRST_PID, FIRST_PID + 1]);
    await first;
    expect(watch.looks).toBe(3);
  });

  test('a look that was cut off by a suspended machine does not delay the next', async () => {
    const clock = new SimulatedClock();
    const watch = new TreeWatch(clock, async () => {
      clock.advance(3_600_000);
      return [entry({ pid: FIRST_PID })];
    });
    const tree = watch.ofProgram(FIRST_PID, 'marker');
    await tree.members();
    const next = tree.members();
    for (let turn = 0; turn < 3; turn += 1) await nextTurn();
    clock.advance(250);
    expect(await next).toHaveLength(1);
  });

  test('a failed look is not the last', async () => {
    const clock = new SimulatedClock();
    let broken = true;
    const watch = new TreeWatch(clock, async () => {
      if (broken) throw new Error('EMFILE');
      return [entry({ pid: FIRST_PID })];
    });
    const tree = watch.ofProgram(FIRST_PID, 'marker');
    await expect(tree.members()).rejects.toThrow('EMFILE');
    broken = false;
    expect(await tree.members()).toHaveLength(1);
  });

  test('the marks of processes of nobody are not read again and again', async () => {
    const { watch, put, read, pass } = imaginary();
    put({ pid: FIRST_PID }, ...Array.from({ length: 100 }, (_, index) => ({ pid: 100 + index })));
    put(...Array.from({ length: 100 }, (_, index) => ({ pid: 300 + index, startTicks: -1 })));
    const tree = watch.ofProgram(FIRST_PID, 'marker');
    await pass(20);
    expect(watch.looks).toBeGreaterThanOrEqual(10);
    expect(read.filter(pid => pid === '142')).toHaveLength(4); // for its visit, and for its judgement, twice
    expect(read.filter(pid => pid === '342')).toEqual([]); // it is older than the root
    tree.release();
  });
});

describe('what belongs to a tree', () => {
  const root = FIRST_PID;
  const [child, escaped, other] = [root + 1, root + 2, root + 3];

  test('its group, its session, what carries its marker, and the descendants of all of these', async () => {
    const { watch, put, pidsOf } = imaginary();
    put(
      { pid: root },
      { pid: 10, group: root },
      { pid: 11, session: root },
      { pid: 12, mark: 'marker' },
      { pid: 13, parent: 12 },
      { pid: 14, parent: 13 },
      { pid: 15, mark: 'another marker' },
      { pid: 16 },
    );
    expect(await pidsOf(watch.ofProgram(root, 'marker'))).toEqual([root, 10, 11, 12, 13, 14].sort());
  });

  test('what was seen in it, when its parents are gone and nothing else shows whose it is (TREE-WATCH-4)', async () => {
    const { watch, put, rows, pidsOf, pass } = imaginary();
    put({ pid: root }, { pid: child, parent: root }, { pid: escaped, parent: child });
    const tree = watch.ofProgram(root, 'marker');
    await pass(2);
    rows.delete(child);
    put({ pid: escaped, parent: 1 }, { pid: other, parent: escaped });
    await pass(2);
    rows.delete(root);
    rows.delete(escaped);
    put({ pid: other, parent: 1 });
    expect(await pidsOf(tree)).toEqual([other]);
  });

  test('not a process that has the pid of one that was seen (TREE-WATCH-3)', async () => {
    const { watch, put, pidsOf } = imaginary();
    put({ pid: root }, { pid: child, parent: root });
    const tree = watch.ofProgram(root, 'marker');
    expect(await pidsOf(tree)).toEqual([root, child]);
    put({ pid: child, startTicks: 900 });
    expect(await pidsOf(tree)).toEqual([root]);
  });

  test('not a child that is older than what now has the pid of its parent', async () => {
    const { watch, put, pidsOf } = imaginary();
    put({ pid: root, startTicks: 500 }, { pid: child, parent: root, startTicks: 400 });
    expect(await pidsOf(watch.ofProgram(root, 'marker'))).toEqual([root]);
  });

  test('one process belongs to one tree', async () => {
    const { watch, put, pidsOf } = imaginary();
    put({ pid: root, mark: 'a' }, { pid: other, mark: 'b' }, { pid: child, parent: other, mark: 'a' });
    const [a, b] = [watch.ofProgram(root, 'a'), watch.ofProgram(other, 'b')];
    expect(await Promise.all([pidsOf(a), pidsOf(b)])).toEqual([[root, child], [other]]);
  });

  test('a process that started another while the table was read, and exited, does not look like the end', async () => {
    const { watch, put, rows, pidsOf } = imaginary();
    put({ pid: root }, { pid: child, parent: root });
    const tree = watch.ofProgram(root, 'marker');
    await tree.members();
    rows.clear();
    const looked = pidsOf(tree);
    while (watch.looks < 2) await nextTurn();
    put({ pid: other, mark: 'marker' });
    expect(await looked).toEqual([other]);
  });

  test('its members without a mark are told, when they change', async () => {
    const { watch, put, rows, pass } = imaginary();
    const told: number[][] = [];
    put({ pid: root, mark: 'marker' }, { pid: child, parent: root, mark: 'marker' });
    const tree = watch.ofProgram(root, 'marker', members => void told.push(members.map(({ pid }) => pid)));
    await pass(3);
    expect(told).toEqual([]);
    put({ pid: escaped, parent: child });
    await pass(3);
    rows.delete(child);
    put({ pid: escaped, parent: 1 });
    await pass(3);
    rows.delete(escaped);
    await pass(3);
    expect(told).toEqual([[escaped], []]);
    tree.release();
  });

  test('a stranger that a later claim is about', async () => {
    const { watch, put, pass, pidsOf } = imaginary();
    put({ pid: root }, { pid: other, mark: 'orphan' });
    watch.ofProgram(root, 'marker');
    await pass(5);
    expect(await pidsOf(watch.ofClaimed(({ marker }) => marker() === 'orphan'))).toEqual([other]);
  });
});
