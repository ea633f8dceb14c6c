// @module-tag processes
// @module-tag long
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import { createPuppetAgent } from '../../../../src/sdk/testing/puppet-agent.ts';
import { openYard, type Yard } from '../../../support/delivering.ts';
import { ownProcesses } from '../../../support/own-processes.ts';

let yard: Yard;
beforeEach(() => {
  yard = openYard();
});
afterEach(() => yard.close());

const checkedBy = (commands: string[], more: object = {}) => ({
  workspace: { mode: 'worktree' as const },
  integrate: { mode: 'merge' as const },
  verify: { commands, attempts: 1, ...more },
});
const write = () => [yard.script('a', 'echo a > a.txt')];
const left = (id: string) => ownProcesses(`${id}:`);

test('checks that hang fail their session in time, and nothing of them is left', async () => {
  const group = await yard.group(write(), checkedBy(['setsid sleep 600 & sleep 600'], { timeout: '200ms' }));
  expect((await group.run()).sessions.a).toMatchObject({
    status: 'failed',
    error: { code: 'verify_failed', message: expect.stringContaining('longer than 200ms') },
  });
  expect(left(group.id)).toEqual([]);
});

test('checks that leave daemons are green, and none of them is left', async () => {
  const group = await yard.group(write(), checkedBy(['setsid sleep 600 </dev/null >/dev/null 2>&1 & true']));
  expect((await group.run()).status).toBe('completed');
  expect(left(group.id)).toEqual([]);
});

test('checks that print a gigabyte take neither memory nor disk for it', async () => {
  const group = await yard.group(
    write(),
    checkedBy(['yes "$(printf %04000d 7)" | head -c 1000000000; echo the end; exit 1']),
  );
  const before = process.memoryUsage().rss;
  const { sessions } = await group.run();
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
  expect(sessions.a?.error?.message).toContain('the end');
  expect(sessions.a?.error?.message.length).toBeLessThan(32 * 1024);
  const files = readdirSync(join(yard.folder, 'data'), { recursive: true, encoding: 'utf8' });
  const log = files.find(file => file.endsWith('verify.log')) ?? 'none';
  expect(statSync(join(yard.folder, 'data', log)).size).toBeLessThan(10 * 1024 * 1024);
});

test('checks that change files once are saved and checked again; those that always do fail', async () => {
  const once = await yard.group(write(), checkedBy(['echo formatted > a.txt']));
  expect((await once.run()).status).toBe('completed');
  expect(yard.repo.git('show', `session-groups/${once.id}/_merged:a.txt`)).toBe('formatted\n');
  const always = await yard.group(write(), checkedBy(['echo again >> a.txt']));
  expect((await always.run()).sessions.a?.error?.code).toBe('verify_failed');
});

test('checks that are cut off after they changed a file, of a merge too, are taken again on what they have left', async () => {
  const go = join(yard.folder, 'go');
  const begun = join(yard.folder, 'begun');
  const check = `[ -e a.txt ] && [ -e b.txt ] && [ ! -e '${go}' ] || exit 0; echo more >> README.md; touch '${begun}'; sleep 600`;
  const writes = ['a', 'b'].map(id => yard.script(id, `echo ${id} > ${id}.txt`));
  const group = await yard.group(writes, checkedBy([check]));
  const run = group.run();
  while (!existsSync(begun)) await new Promise(resolve => setImmediate(resolve));
  await group.pause();
  await run;
  writeFileSync(go, '');
  expect((await group.resume()).status).toBe('completed');
  expect(yard.repo.git('show', `session-groups/${group.id}/_merged:README.md`)).toBe('the project\nmore\n');
});

test('a red check goes back to the same conversation, with what it printed', async () => {
  const agent = createPuppetAgent({ kind: 'scripted' });
  const group = await createSessionGroup(
    {
      version: 1,
      name: 'Red',
      config: checkedBy(['test -e fixed || { echo the reason; exit 7; }'], { attempts: 2 }),
      sessions: [{ id: 'a', projectPath: yard.repo.path, prompt: 'go', agent: { kind: 'scripted' } }],
    },
    { env: yard.env, store: yard.store, workspaces: yard.workspaces, agents: { scripted: agent } },
  );
  const run = group.run();
  const first = await agent.started();
  first.completes('done');
  const second = await agent.started();
  expect(second.spec).toMatchObject({
    cwd: first.spec.cwd,
    conversation: { id: first.spec.conversation.id, resume: true },
    prompt: expect.stringContaining('the reason'),
  });
  writeFileSync(join(second.spec.cwd, 'fixed'), '');
  second.completes('done');
  expect(await run).toMatchObject({ status: 'completed', sessions: { a: { attempts: 2 } } });
  await group.dispose();
});

test.each([
  ['gone', '', 'completed'],
  ['a link', 'ln -s "$OUTSIDE" svc', 'failed'],
])("a project's folder that the agent made %s takes no check out of the tree", async (_, more, status) => {
  const outside = yard.another('outside');
  yard.repo.write('svc/x', 'x');
  yard.repo.commit('svc');
  const projectPath = join(yard.repo.path, 'svc');
  const script = yard.script('a', `cd ..; rm -r svc; ${more}`, {
    projectPath,
    env: { OUTSIDE: outside.path },
  });
  const group = await yard.group([script], checkedBy(['touch checked; rm checked; test ! -e README.md']));
  const { status: end, sessions } = await group.run();
  expect([end, sessions.a?.error?.code]).toEqual([
    status,
    status === 'failed' ? 'prepare_failed' : undefined,
  ]);
  expect(sessions.a?.error?.message ?? 'svc is not a folder').toContain('svc is not a folder');
});
