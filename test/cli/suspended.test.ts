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
  expect(list.out).toMatch(/^! suspended +\S+-demo .*its process is suspended {2}Demo\n/m);
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

test('what a suspended group asks for is still said, without a command that would be refused', async () => {
  const asking = session('a', '{ approval: Bash, input: { command: ls } }');
  const run = shop.start('run', await shop.group(asking), '--attended');
  await expect.poll(run.err).toContain('wants to use Bash: ls');
  const pid = run.process.pid ?? 0;
  run.process.kill('SIGSTOP');
  await expect.poll(() => isSuspended(pid)).toBe(true);
  const show = await shop.finished('session', 'show', 'demo', 'a');
  expect(show.out).toContain('  wants to use Bash: ls\n');
  const why = await shop.finished('session', 'why', 'demo', 'a');
  expect(why.out).toBe('suspended: needs approval: Bash: ls\n');
  for (const text of [show.out, show.err, why.err]) expect(text).not.toContain('session approve');

  run.process.kill('SIGCONT');
  await expect.poll(() => isSuspended(pid)).toBe(false);
  expect(await shop.finished('session', 'approve', 'demo', 'a')).toMatchObject({ code: 0 });
  expect(await run.ended).toBe(0);
});

test('a suspended group is asked for nothing: that is said at once, and nothing of it happens later', async () => {
  const run = shop.start('run', await shop.group(session('a', '{ text: hello }, { hang: true }')), '--json');
  await run.says('"hello"');
  const pid = run.process.pid ?? 0;
  run.process.kill('SIGSTOP');
  await expect.poll(() => isSuspended(pid)).toBe(true);

  const asked = [
    ...['pause', 'stop', 'resume', 'retry'].map(verb => ['group', verb, 'demo']),
    ['group', 'update', 'demo', 'group.yaml'],
    ...['pause', 'approve'].map(verb => ['session', verb, 'demo', 'a']),
    ['session', 'send', 'demo', 'a', 'Hurry'],
    ['group', 'archive', 'demo'],
    ['group', 'clean', 'demo'],
    ['group', 'delete', 'demo', '--force'],
    ['group', 'integrate', 'demo', '--dry-run'],
    ['group', 'integrate', 'demo', '--undo'],
  ];
  for (const argv of asked) {
    const { code, err } = await shop.finished(...argv);
    expect({ argv, code, err }).toMatchObject({ argv, code: 5 });
    expect(err).toMatch(/^error: process \d+ on \S+, which runs \S+-demo, is suspended; .* will not be\n/);
    expect(err).toContain(`hint: Continue it with \`fg\` in its terminal, or with: kill -CONT ${pid}\n`);
  }
  const refused = await shop.finished('group', 'stop', 'demo', '--json');
  expect(refused).toMatchObject({ code: 5, lines: [{ type: 'error', code: 'owner_not_answering' }] });

  const watch = shop.start('group', 'watch', 'demo');
  await expect.poll(watch.err).toContain(`Suspended: it goes on with \`fg\` in its terminal`);
  await watch.says('a: started');

  run.process.kill('SIGCONT');
  await expect.poll(() => isSuspended(pid)).toBe(false);
  expect(await shop.finished('group', 'pause', 'demo')).toMatchObject({ code: 0 });
  expect(await run.ended).toBe(3);
  const { lines } = await shop.finished('group', 'watch', 'demo', '--json');
  const types = lines.map(({ type }) => type);
  for (const type of ['group_stopping', 'message_sent', 'group_updated']) expect(types).not.toContain(type);
  expect(types.filter(type => type === 'group_pausing')).toHaveLength(1);
  expect(await watch.ended).toBe(3);
});
