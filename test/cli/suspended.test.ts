// @module-tag processes
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isSuspended } from '../../src/sdk/process/process-identity.ts';
import { openWorkshop, session, type Workshop } from './workshop.ts';

/** What other processes say of a group while the one that runs it is stopped, as by Ctrl-Z. */

let shop: Workshop;
beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop.close());

test('a group is said to be suspended, with the way on, until its process continues', async () => {
  const sessions = session('a', '{ text: hello }, { hang: true }') + session('b', '{ result: done }');
  const run = shop.start('run', await shop.group(sessions, 'concurrency: { maxConcurrent: 1 }'));
  await expect.poll(() => run.err()).toContain('a: started');
  // What lists read is saved a moment after what is printed.
  const listed = async () => (await shop.finished('group', 'list', '--json')).lines;
  await expect.poll(listed).toMatchObject([{ status: 'running' }]);
  const pid = run.process.pid ?? 0;
  run.process.kill('SIGSTOP');
  await expect.poll(() => isSuspended(pid)).toBe(true);

  const way = `suspended: it goes on with \`fg\` in its terminal, or with: kill -CONT ${pid}`;
  const list = await shop.finished('group', 'list');
  expect(list.out).toMatch(/^! suspended {4}\S+-demo .*its process is suspended {2}Demo\n/m);
  expect(list.out).toContain(`    ${way}\n`);
  for (const status of ['suspended', 'running'])
    expect((await shop.finished('group', 'list', '--status', status, '--json')).lines).toHaveLength(1);
  expect((await shop.finished('group', 'list', '--status', 'paused', '--json')).lines).toEqual([]);
  const show = await shop.finished('group', 'show', 'demo');
  expect(show.out).toMatch(/^! suspended {2}Demo\n/);
  expect(show.out).toContain(way);
  expect(show.out).toMatch(/! suspended {2}a /);
  expect(show.out).not.toMatch(/running|slot/);
  const why = await shop.finished('session', 'why', 'demo', 'b');
  expect(why).toMatchObject({ out: 'pending\n', err: `Its group is ${way}\n` });
  const attention = await shop.finished('attention', '--json');
  expect(attention).toMatchObject({
    code: 3,
    lines: [{ kind: 'suspended', pid, commands: [`kill -CONT ${pid}`] }],
  });
  const json = await shop.finished('group', 'show', 'demo', '--json');
  expect(json.lines).toMatchObject([{ status: 'running', owner: { pid, suspended: true } }]);

  run.process.kill('SIGCONT');
  await expect.poll(() => isSuspended(pid)).toBe(false);
  const later = await shop.finished('group', 'show', 'demo');
  expect(later.out).toMatch(/^● running {2}Demo\n/);
  expect(later.out).toContain('waiting for a slot (1 of 1 busy)');
});
