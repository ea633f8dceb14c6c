import { afterEach, expect, test, vi } from 'vitest';
import { endTree } from '../../../src/sdk/process/end-tree.ts';
import type { ProcessEntry } from '../../../src/sdk/process/process-table.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';

const entry = (pid: number): ProcessEntry => ({
  pid,
  parent: 1,
  group: pid,
  session: pid,
  zombie: false,
  startTicks: 1,
  marker: () => undefined,
});

/** A tree of imaginary processes, and the signals they were sent. */
function imaginary(...pids: number[]) {
  const alive = new Set(pids);
  const sent: string[] = [];
  vi.spyOn(process, 'kill').mockImplementation((pid, name) => {
    sent.push(`${name} ${pid}`);
    return true;
  });
  return { alive, sent, tree: { members: () => [...alive].map(entry) } };
}

afterEach(() => void vi.restoreAllMocks());

test('a process that exits on SIGTERM gets no SIGKILL', async () => {
  const clock = new SimulatedClock();
  const { alive, sent, tree } = imaginary(101, 102);
  const ending = endTree(tree, clock, 'terminate');
  clock.advance(100);
  alive.clear();
  clock.advance(500);
  expect(await ending.gone).toBeUndefined();
  expect(sent).toEqual(['SIGTERM 101', 'SIGTERM 102']);
  expect(clock.pending).toBe(0);
});

test('a process that appears meanwhile gets its own SIGTERM, and SIGKILL after the grace', async () => {
  const clock = new SimulatedClock();
  const { alive, sent, tree } = imaginary(101);
  const ending = endTree(tree, clock, 'terminate');
  alive.add(102);
  clock.advance(999);
  expect(sent).toEqual(['SIGTERM 101', 'SIGTERM 102']);
  clock.advance(251);
  expect(sent).toContain('SIGKILL 101');
  expect(sent).toContain('SIGKILL 102');
  alive.clear();
  clock.advance(250);
  expect(await ending.gone).toBeUndefined();
});

test('a process that survives SIGKILL is given up after some seconds and named', async () => {
  const clock = new SimulatedClock();
  const { sent, tree } = imaginary(101);
  const ending = endTree(tree, clock, 'kill');
  clock.advance(10_000);
  expect(await ending.gone).toBe('processes that could not be ended: 101');
  expect(sent.length).toBeLessThan(50);
  expect(new Set(sent)).toEqual(new Set(['SIGKILL 101']));
  expect(clock.pending).toBe(0);
});

test('kill ends the grace early', () => {
  const clock = new SimulatedClock();
  const { sent, tree } = imaginary(101);
  const ending = endTree(tree, clock, 'terminate');
  ending.kill();
  ending.kill();
  expect(sent).toEqual(['SIGTERM 101', 'SIGKILL 101']);
});

test('a failed poll does not count as an empty tree', async () => {
  const clock = new SimulatedClock();
  const { alive, sent, tree } = imaginary(101);
  let broken = true;
  const members = () => {
    if (broken) throw new Error('EMFILE');
    return tree.members();
  };
  const ending = endTree({ members }, clock, 'terminate');
  clock.advance(100);
  broken = false;
  clock.advance(300);
  expect(sent).toEqual(['SIGTERM 101']);
  alive.clear();
  clock.advance(300);
  expect(await ending.gone).toBeUndefined();
});

test('polls that keep failing are given up too', async () => {
  const clock = new SimulatedClock();
  const members = () => {
    throw new Error('EMFILE');
  };
  const ending = endTree({ members }, clock, 'terminate');
  clock.advance(10_000);
  expect(await ending.gone).toBe('processes could not be read');
  expect(clock.pending).toBe(0);
});
