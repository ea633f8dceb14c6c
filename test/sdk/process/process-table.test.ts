// @module-tag processes
import { expect, test } from 'vitest';
import {
  parsePs,
  parseStat,
  readProcessTable,
  readTableInTurns,
} from '../../../src/sdk/process/process-table.ts';
import { run } from './process-fixture.ts';

test('the table read in turns is the table, and the event loop goes on between them', async () => {
  const child = run('stay.mjs');
  await child.nextLine();
  let turns = 0;
  let reading = true;
  const count = (): void => {
    turns += 1;
    if (reading) setImmediate(count);
  };
  setImmediate(count);
  const visited: number[] = [];
  const entries = await readTableInTurns(({ pid }) => void visited.push(pid));
  reading = false;
  expect(entries.map(({ pid }) => pid)).toEqual(visited);
  const [own] = entries.filter(({ pid }) => pid === child.pid);
  const [same] = readProcessTable().filter(({ pid }) => pid === child.pid);
  expect(own).toMatchObject({ parent: process.pid, group: child.pid, session: child.pid, zombie: false });
  expect(own?.startTicks).toBe(same?.startTicks);
  expect(own?.marker()).toBe(same?.marker());
  expect(turns).toBeGreaterThanOrEqual(Math.floor((entries.length - 1) / 16));
  child.kill();
  await child.exited;
});

test('rows of ps: start times tell processes apart, the marker is in the environment after the command', () => {
  const rows = [
    '    1     0     1 Ss   Sat Nov 28 09:00:00 2026 /sbin/launchd',
    '  501     1   501 S    Sat Nov 28 16:20:49 2026 sleep 600 PATH=/bin SESSION_GROUPS_MARKER=g:a:1:x:9:f HOME=/',
    '  502   501   501 Z+   Sat Nov  8 16:20:50 2026 (sleep)',
    'nonsense',
    '',
  ];
  const entries = parsePs(rows.join('\n'));
  expect(entries.map(({ pid, parent, group, zombie }) => [pid, parent, group, zombie])).toEqual([
    [1, 0, 1, false],
    [501, 1, 501, false],
    [502, 501, 501, true],
  ]);
  expect(entries.map(entry => entry.marker())).toEqual([undefined, 'g:a:1:x:9:f', undefined]);
  const [first = 0, second = 0] = entries.map(({ startTicks }) => startTicks);
  expect(second - first).toBe(7 * 3_600 + 20 * 60 + 49);
});

test.each([
  ['S', 1, false],
  ['Z', 1, true],
  ['Z', 0, true],
  ['Z', 2, false], // its first thread has ended, another one goes on
  ['X', 0, true],
])('a process in state %s with %d threads: zombie is %s', (state, threads, zombie) => {
  const between = '17693 17693 18941 0 -1 4227084 2936 6563 2 0 7 2 3 6 20 0';
  const stat = `17746 (a) Z (b) ${state} ${between} ${threads} 0 4101082 0`;
  expect(parseStat(stat)).toMatchObject({ pid: 17_746, zombie, startTicks: 4_101_082 });
});
