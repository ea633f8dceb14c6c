// @module-tag processes
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { systemClock } from '../../../src/sdk/clock.ts';
import { markerOf } from '../../../src/sdk/process/attempt-marker.ts';
import { limitOfMarker } from '../../../src/sdk/process/limit-mark.ts';
import { endOrphans } from '../../../src/sdk/process/orphans.ts';
import { findMarked, MARKER_VARIABLE } from '../../../src/sdk/process/process.ts';
import type { ProcessEntry } from '../../../src/sdk/process/process-table.ts';
import { TreeWatch } from '../../../src/sdk/process/tree-watch.ts';
import { attemptSpec } from '../session/attempt-fixture.ts';
import { isAlive } from './process-fixture.ts';

/** A process that ignores SIGTERM and has a child in its own session, as a dead engine would leave them. */
async function orphan(marker: string) {
  const script =
    "process.on('SIGTERM', () => {}); require('child_process').spawn('sleep', ['600'], {detached: true, stdio: 'ignore'}).unref(); console.log('up'); setInterval(() => {}, 1000)";
  const child = spawn(process.execPath, ['-e', script], {
    detached: true,
    env: { PATH: process.env.PATH, [MARKER_VARIABLE]: marker },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  return child;
}

it('ends what a dead engine left of a group, and nothing else', async () => {
  const group = `20260101-000000-orphans-${process.pid}`;
  const mine = await orphan(`${group}:a:1:x`);
  const other = await orphan(`${group}-2:a:1:x`);
  const of = (name: string) => findMarked(marker => marker.startsWith(`${name}:`));
  expect(of(group)).toHaveLength(2);
  const exit = once(mine, 'exit');

  expect(await endOrphans(group, systemClock)).toBeUndefined();
  expect(of(group)).toEqual([]);
  expect(await exit).toEqual([null, 'SIGKILL']);
  expect(of(`${group}-2`)).toHaveLength(2);

  expect(await endOrphans(`${group}-2`, systemClock)).toBeUndefined();
  expect(of(`${group}-2`)).toEqual([]);
  expect(other.pid).toBeGreaterThan(0);
});

it('ends a detached child with an empty environment, even if its parent dies first', async () => {
  const group = `20260101-000000-bare-${process.pid}`;
  const script =
    "const child = require('child_process').spawn('sh', ['-c', 'trap \"\" TERM; while :; do sleep 600; done'], {detached: true, stdio: 'ignore', env: {}}); child.unref(); console.log(child.pid); setInterval(() => {}, 1000)";
  const parent = spawn(process.execPath, ['-e', script], {
    detached: true,
    env: { PATH: process.env.PATH, [MARKER_VARIABLE]: `${group}:a:1:x` },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [said] = await once(parent.stdout, 'data');
  const child = Number(String(said));
  expect(isAlive(child)).toBe(true);
  expect(await endOrphans(group, systemClock)).toBeUndefined();
  expect(isAlive(child)).toBe(false);
});

it('spares what a live engine runs under the same id in another data folder', async () => {
  const group = `20260101-000000-twin-${process.pid}`;
  const marker = markerOf({ ...attemptSpec(), groupId: group }); // this process is the engine
  const twin = await orphan(marker);
  expect(await endOrphans(group, systemClock)).toBeUndefined();
  expect(findMarked(found => found === marker)).toHaveLength(2);

  const dead = marker.replace(/[0-9a-f]+$/, 'of-an-engine-that-had-this-pid-before');
  const left = await orphan(dead);
  const exit = once(left, 'exit');
  expect(await endOrphans(group, systemClock)).toBeUndefined();
  expect(await exit).toEqual([null, 'SIGKILL']);
  expect(findMarked(found => found === marker)).toHaveLength(2);
  for (const pid of findMarked(found => found === marker)) process.kill(pid, 'SIGKILL');
  expect(twin.pid).toBeGreaterThan(0);
});

it('spares what a live engine under the same id has started since the first look', async () => {
  const groupId = `20260101-000000-later-${process.pid}`;
  const marker = markerOf({ ...attemptSpec(), groupId }); // this process is the engine
  const limit = limitOfMarker(marker);
  const imagined = (pid: number, marks: { marker?: string; limit?: string }): ProcessEntry => ({
    ...{ pid, parent: 1, group: pid, session: pid, zombie: false, startTicks: 100 },
    marker: () => marks.marker,
    limit: () => marks.limit,
  });
  const left = imagined(5_000_001, { marker: `${groupId}:a:1:x:5000000:0`, limit });
  const bare = imagined(5_000_002, { limit });
  const twin = [imagined(5_000_003, { marker, limit }), imagined(5_000_004, { limit })];
  let looks = 0;
  let alive = [left, bare];
  const watch = new TreeWatch(systemClock, async visit => {
    looks += 1;
    const table = looks === 1 ? alive : [...alive, ...twin];
    for (const entry of table) visit(entry);
    return table;
  });
  const ended = new Set<number>();
  await endOrphans(groupId, systemClock, watch, ({ pid }) => {
    ended.add(pid);
    alive = alive.filter(entry => entry.pid !== pid);
  });
  expect([...ended].sort()).toEqual([left.pid, bare.pid]);
  expect(looks).toBeGreaterThan(1);
});

it('resolves at once if nothing was left', async () => {
  expect(await endOrphans('20260101-000000-nothing', systemClock)).toBeUndefined();
});
