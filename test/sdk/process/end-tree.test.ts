import { expect, test } from 'vitest';
import { type EndTreeOptions, endTree } from '../../../src/sdk/process/end-tree.ts';
import { nextTurn, type ProcessEntry } from '../../../src/sdk/process/process-table.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';

const entry = (pid: number): ProcessEntry => ({
  pid,
  parent: 1,
  group: pid,
  session: pid,
  zombie: false,
  startTicks: 1,
  marker: () => undefined,
  limit: () => undefined,
});

/** Lets time pass step by step: what follows from a look takes a turn of its own. */
async function advance(clock: SimulatedClock, ms: number): Promise<void> {
  await nextTurn();
  for (let left = ms; left > 0; left -= 5) {
    clock.advance(Math.min(5, left));
    await nextTurn();
  }
}

/** A tree of imaginary processes, and the signals they were sent. */
function imaginary(...pids: number[]) {
  const alive = new Set(pids);
  const sent: string[] = [];
  const send: EndTreeOptions['send'] = ({ pid }, name) => void sent.push(`${name} ${pid}`);
  return { alive, sent, send, tree: { members: async () => [...alive].map(entry) } };
}

test('a process that exits on SIGTERM gets no SIGKILL', async () => {
  const clock = new SimulatedClock();
  const { alive, sent, send, tree } = imaginary(101, 102);
  const ending = endTree(tree, clock, { urgency: 'terminate', send });
  await advance(clock, 100);
  alive.clear();
  await advance(clock, 500);
  expect(await ending.gone).toBeUndefined();
  expect(sent).toEqual(['SIGTERM 101', 'SIGTERM 102']);
  expect(clock.pending).toBe(0);
});

test('a process that appears meanwhile gets its own SIGTERM, and SIGKILL after the grace', async () => {
  const clock = new SimulatedClock();
  const { alive, sent, send, tree } = imaginary(101);
  const ending = endTree(tree, clock, { urgency: 'terminate', send });
  alive.add(102);
  await advance(clock, 999);
  expect(sent).toEqual(['SIGTERM 101', 'SIGTERM 102']);
  await advance(clock, 251);
  expect(sent).toContain('SIGKILL 101');
  expect(sent).toContain('SIGKILL 102');
  alive.clear();
  await advance(clock, 250);
  expect(await ending.gone).toBeUndefined();
});

test('a process that survives SIGKILL is given up after some seconds and named', async () => {
  const clock = new SimulatedClock();
  const { sent, send, tree } = imaginary(101);
  const ending = endTree(tree, clock, { urgency: 'kill', send });
  await advance(clock, 10_000);
  expect(await ending.gone).toBe('processes that could not be ended: 101');
  expect(sent.length).toBeLessThan(50);
  expect(new Set(sent)).toEqual(new Set(['SIGKILL 101']));
  expect(clock.pending).toBe(0);
});

test('kill ends the grace early', async () => {
  const clock = new SimulatedClock();
  const { sent, send, tree } = imaginary(101);
  const ending = endTree(tree, clock, { urgency: 'terminate', send });
  await nextTurn();
  ending.kill();
  ending.kill();
  await nextTurn();
  expect(sent).toEqual(['SIGTERM 101', 'SIGKILL 101']);
});

test('a failed poll does not count as an empty tree', async () => {
  const clock = new SimulatedClock();
  const { alive, sent, send, tree } = imaginary(101);
  let broken = true;
  const members = async () => {
    if (broken) throw new Error('EMFILE');
    return tree.members();
  };
  const ending = endTree({ members }, clock, { urgency: 'terminate', send });
  await advance(clock, 100);
  broken = false;
  await advance(clock, 300);
  expect(sent).toEqual(['SIGTERM 101']);
  alive.clear();
  await advance(clock, 300);
  expect(await ending.gone).toBeUndefined();
});

test('polls that keep failing are given up too', async () => {
  const clock = new SimulatedClock();
  const members = async () => {
    throw new Error('EMFILE');
  };
  const ending = endTree({ members }, clock, { urgency: 'terminate' });
  await advance(clock, 10_000);
  expect(await ending.gone).toBe('processes could not be read');
  expect(clock.pending).toBe(0);
});
