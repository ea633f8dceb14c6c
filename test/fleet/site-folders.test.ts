import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SiteFolders } from '../../src/fleet/site-folders.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';

const DAY_MS = 86_400_000;
const GROUP = '20260101-000000-review';
const LATER = '20260101-000001-later';

let top: string;
let clock: SimulatedClock;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'site-'));
  clock = new SimulatedClock();
});
afterEach(() => rmSync(top, { recursive: true }));

const named = (groupId: string, sessionId: string) => ({ groupId, sessionId });
const over = (...ended: readonly string[]) => ({
  hasEnded: async (id: string) => ended.includes(id),
  keepMs: 30 * DAY_MS,
});

test('the folders of a deleted group go at once, but for those whose attempts live here', async () => {
  const folders = new SiteFolders(top, clock);
  const [a, b, other] = [named(GROUP, 'a'), named(GROUP, 'b'), named(LATER, 'a')].map(name => ({
    name,
    path: folders.enter(name),
  }));
  if (!a || !b || !other) throw new Error('three');
  writeFileSync(join(a.path, 'file'), '');
  folders.leave(a.name);
  folders.leave(other.name);
  await folders.sweep(over(GROUP));
  expect([a, b, other].map(({ path }) => existsSync(path))).toEqual([false, true, true]);
  folders.leave(b.name);
  await folders.sweep(over(GROUP));
  expect([existsSync(join(top, GROUP)), existsSync(other.path)]).toEqual([false, true]);
});

test('a folder that no worker of the machine has used for a month goes', async () => {
  const [mine, others] = [new SiteFolders(top, clock), new SiteFolders(top, clock)];
  const used = others.enter(named(GROUP, 'used'));
  const unused = others.enter(named(GROUP, 'unused'));
  others.leave(named(GROUP, 'unused'));
  clock.advance(29 * DAY_MS);
  await others.sweep(over());
  clock.advance(2 * DAY_MS);
  await mine.sweep(over());
  expect([existsSync(used), existsSync(unused)]).toEqual([true, false]);
});

test('while nobody knows whether a group was deleted, it is not; and what is no folder of a session stays', async () => {
  const folders = new SiteFolders(top, clock);
  const kept = folders.enter(named(GROUP, 'a'));
  folders.leave(named(GROUP, 'a'));
  mkdirSync(join(top, 'repositories', 'x'), { recursive: true });
  const elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'));
  symlinkSync(elsewhere, join(top, LATER));
  mkdirSync(join(elsewhere, 'a'));
  await folders.sweep({ hasEnded: () => Promise.reject(new Error('no answer')), keepMs: 30 * DAY_MS });
  expect(existsSync(kept)).toBe(true);
  clock.advance(40 * DAY_MS);
  await folders.sweep(over(LATER));
  expect([
    existsSync(kept),
    existsSync(join(top, 'repositories', 'x')),
    existsSync(join(elsewhere, 'a')),
  ]).toEqual([false, true, true]);
  rmSync(elsewhere, { recursive: true });
});

test('a tree stays as long as its group', async () => {
  const folders = new SiteFolders(top, clock);
  const tree = join(top, GROUP, 'sgw-a-0a1b2c');
  mkdirSync(tree, { recursive: true });
  clock.advance(400 * DAY_MS);
  await folders.sweep(over());
  expect(existsSync(tree)).toBe(true);
  await folders.sweep(over(GROUP));
  expect(existsSync(tree)).toBe(false);
});
