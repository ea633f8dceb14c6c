import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWorkshop, session, type Workshop } from './workshop.ts';

/** What `session why` says beyond the first reason. */

let shop: Workshop;
beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop.close());

const DONE = '{ result: done }';
const why = (id: string, ...more: string[]) => shop.finished('session', 'why', '@latest', id, ...more);

test('a skipped session names the failure behind all skips before it, and the command that goes on', async () => {
  const sessions = [
    session('a', '{ failure: max_turns }'),
    session('b', DONE, ', dependsOn: [a]'),
    session('c', DONE, ', dependsOn: [b]'),
  ].join('');
  expect(await shop.finished('run', await shop.group(sessions))).toMatchObject({ code: 1 });
  const said = await why('c');
  expect(said.out).toMatch(/^skipped: upstream failed, because a failed \(max_turns: .*\), by way of b\n$/);
  expect(said.err).toMatch(/^Run a and it again: session-groups group retry \d{8}-\d{6}-demo\n$/);
  expect((await why('b')).out).toMatch(/^skipped: upstream failed, because a failed \(max_turns: [^,]*\)\n$/);
  expect((await why('c', '--json')).lines).toMatchObject([
    { status: 'skipped', roots: [{ sessionId: 'a', status: 'failed', error: { code: 'max_turns' } }] },
  ]);
});

test('one that was not needed names what made it so, and nothing is to be done', async () => {
  const sessions = session('a', DONE) + session('b', DONE, ', dependsOn: [{ session: a, when: failed }]');
  expect(await shop.finished('run', await shop.group(sessions))).toMatchObject({ code: 0 });
  expect(await why('b')).toMatchObject({
    out: 'skipped: not needed, because a was completed\n',
    err: '',
  });
});

test('a held session says how it is let go, and what else it waits for', async () => {
  const sessions = session('a', DONE) + session('b', DONE, ', dependsOn: [a]');
  await shop.finished('group', 'create', await shop.group(sessions));
  expect(await shop.finished('session', 'pause', '@latest', 'b')).toMatchObject({ code: 0 });
  const said = await why('b');
  expect(said.out).toBe('pending: held from a terminal, it also waits for a\n');
  expect(said.err).toMatch(
    /^Let it go: session-groups session resume (\S+) b\nThen start its group: session-groups group run \1\n$/,
  );
});

test('what stands still with its paused group says why that is paused, and what goes on', async () => {
  const sessions = [
    session('a', '{ failure: max_turns }'),
    session('b', '{ text: half }, { hang: true }'),
    session('c', DONE, ', dependsOn: [b]'),
  ].join('');
  const limits = 'pauseOnError: true, errorThreshold: 1, maxConcurrent: 2, maxPerProject: 2';
  const file = await shop.group(sessions, `concurrency: { ${limits} }`);
  expect(await shop.finished('run', file)).toMatchObject({ code: 3 });
  const on = /^Go on: session-groups group resume \d{8}-\d{6}-demo\n$/;
  expect(await why('c')).toMatchObject({
    out: 'pending: waiting for b, its group is paused (too many failures)\n',
    err: expect.stringMatching(on),
  });
  expect(await why('b')).toMatchObject({
    out: 'paused: too many failures\n',
    err: expect.stringMatching(on),
  });
});
