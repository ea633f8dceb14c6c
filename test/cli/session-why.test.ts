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
  expect(said.err).toMatch(/^Run a and it again: session-groups group retry \d{8}-\d{6}-demo --session a\n$/);
  expect((await why('b')).out).toMatch(/^skipped: upstream failed, because a failed \(max_turns: [^,]*\)\n$/);
  expect((await why('c', '--json')).lines).toMatchObject([
    { status: 'skipped', roots: [{ sessionId: 'a', status: 'failed', error: { code: 'max_turns' } }] },
  ]);
});

test('it names all failures behind a skip, also what failed after it, and so does session show', async () => {
  const ids = ['a', 'b', 'c', 'd'];
  const failing = ids.map(id => session(id, `{ failure: max_turns, message: ${id} is broken }`)).join('');
  const sessions = failing + session('e', DONE, `, dependsOn: [${ids.join(', ')}]`);
  const limits = 'errorThreshold: 9, maxConcurrent: 1';
  expect(await shop.finished('run', await shop.group(sessions, `concurrency: { ${limits} }`))).toMatchObject({
    code: 1,
  });
  const cause = ids.slice(0, 3).map(id => `${id} failed (max_turns: ${id} is broken)`);
  const words = `because ${cause.join(' and ')} and 1 more`;
  const said = await why('e');
  expect(said.out).toBe(`skipped: upstream failed, ${words}\n`);
  expect(said.err).toMatch(/^Run a, b, c and 1 more and it again: /);
  expect((await why('e', '--json')).lines).toMatchObject([{ roots: ids.map(sessionId => ({ sessionId })) }]);
  expect((await shop.finished('session', 'show', '@latest', 'e')).out).toContain(
    `  upstream failed, ${words}\n`,
  );
});

test('what waits for a failure says so, held or not', async () => {
  const sessions =
    session('a', DONE) +
    session('b', DONE, ', dependsOn: [a, { session: c, when: failed }]') +
    session('c', DONE) +
    session('d', DONE, ', dependsOn: [{ session: a, when: failed }, { session: c, when: settled }]');
  await shop.finished('group', 'create', await shop.group(sessions));
  for (const id of ['a', 'c', 'd'])
    expect(await shop.finished('session', 'pause', '@latest', id)).toMatchObject({ code: 0 });
  expect((await why('d')).out).toBe(
    'pending: held from a terminal, it also waits for c, and for a to fail\n',
  );
  expect(await shop.finished('group', 'run', '@latest')).toMatchObject({ code: 3 });
  expect((await why('b')).out).toMatch(/^pending: waiting for a, and for c to fail, /);
  expect((await why('b', '--json')).lines).toMatchObject([
    { why: { kind: 'dependency', sessions: ['a', 'c'], toFail: ['c'] } },
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

test('once the last held session is let go, its group no longer says that held ones remain', async () => {
  const file = await shop.group(session('a', DONE) + session('b', DONE, ', dependsOn: [a]'));
  await shop.finished('group', 'create', file);
  await shop.finished('session', 'pause', '@latest', 'a');
  expect(await shop.finished('group', 'run', '@latest')).toMatchObject({ code: 3 });
  const remain = 'only held sessions remain';
  expect((await shop.finished('group', 'show', '@latest')).out).toContain(`paused (${remain})`);
  expect((await why('b')).out).toBe(`pending: waiting for a, its group is paused (${remain})\n`);
  await shop.finished('session', 'resume', '@latest', 'a');
  const none = 'no session is held any more';
  const on = /session-groups group resume \d{8}-\d{6}-demo\n$/;
  const show = await shop.finished('group', 'show', '@latest');
  expect(show).toMatchObject({
    out: expect.stringContaining(`paused (${none})`),
    err: expect.stringMatching(on),
  });
  expect(show.out).not.toContain(remain);
  expect(await why('a')).toMatchObject({
    out: `pending: paused: ${none}\n`,
    err: expect.stringMatching(on),
  });
  expect((await why('b')).out).toBe(`pending: waiting for a, its group is paused (${none})\n`);
  expect((await shop.finished('attention')).out).toMatch(
    /paused: no session is held any more\n {2}session-groups group resume \S+\n$/,
  );
});

test('of one that has failed, it names the command that runs it again', async () => {
  const file = await shop.group(session('a', '{ failure: max_turns }'));
  expect(await shop.finished('run', file)).toMatchObject({ code: 1 });
  expect(await why('a')).toMatchObject({
    out: expect.stringMatching(/^failed: max_turns/),
    err: expect.stringMatching(/^Retry it: session-groups group retry \S+ --session a\n$/),
  });
});
