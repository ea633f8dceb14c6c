// @module-tag processes
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sessionLogs } from '../../src/sdk/group/delivery/session-log.ts';
import type { Running } from '../cli/built-cli.ts';
import { freePort } from '../support/redis-server.ts';
import { repository } from '../support/repository.ts';
import { FleetBench } from './fleet-bench.ts';

/* Groups of the command line whose sessions workers carry out, each a process of its own, over a Redis of the test's own. */

let bench: FleetBench;
let cli: (argv: readonly string[], env?: Record<string, string>) => Running;
beforeEach(async () => {
  bench = await FleetBench.begin();
  cli = (argv, env = {}) => bench.command(argv, { SESSION_GROUPS_REDIS: bench.address, ...env });
});
afterEach(() => bench.end());

test('a group whose process was killed is resumed without a word of where it runs, and starts nothing again', async () => {
  await bench.worker(['--pool', 'gpu']);
  const file = bench.definition(['web']);
  const first = cli(['run', file, '--executor', 'bullmq', '--pool', 'gpu', '--json']);
  await bench.until('web', 1);
  const { groupId } = JSON.parse(first.out().split('\n')[0] ?? '');
  first.process.kill('SIGKILL');
  await first.ended;
  const show = cli(['group', 'show', groupId, '--json']);
  await show.ended;
  expect(JSON.parse(show.out())).toMatchObject({ executor: { kind: 'bullmq', pool: 'gpu' } });
  const text = cli(['group', 'show', groupId]);
  await text.ended;
  expect(text.out()).toContain('workers of the pool gpu; 1 session may be at work there');

  const lost = cli(['group', 'resume', groupId], { SESSION_GROUPS_REDIS: '' });
  expect(await lost.ended).toBe(2);
  expect(lost.err()).toContain('carried out by workers of the pool gpu, and no Redis is named');
  expect(lost.err()).toContain('SESSION_GROUPS_REDIS');

  bench.openGate();
  const next = cli(['group', 'resume', groupId, '--plain']);
  expect(await next.ended).toBe(0);
  expect(bench.starts()).toEqual(['web 1']);
}, 180_000);

test('a session that waits for a worker says so, and the Redis of the configuration is used', async () => {
  writeFileSync(join(bench.folder, 'config', 'address'), bench.address);
  bench.configure({ agents: ['command'] }, { redisFile: 'address' });
  bench.openGate();
  const run = cli(['run', bench.definition(['web']), '--executor', 'bullmq', '--json'], {
    SESSION_GROUPS_REDIS: '',
  });
  const why = async () => {
    const asked = cli(['session', 'why', 'web']);
    await asked.ended;
    return asked.out();
  };
  await expect
    .poll(why, { timeout: 90_000 })
    .toBe('placing: waiting for a worker of pool default: there is none\n');
  await bench.worker();
  expect(await run.ended).toBe(0);
}, 180_000);

test('a worker for one order takes no session with a tree, and that is why the session waits', async () => {
  const project = repository(join(bench.folder, 'project'));
  project.commit();
  const file = bench.definition(['web'], {
    project: project.path,
    config: { workspace: { mode: 'worktree' } },
  });
  bench.openGate();
  await bench.worker(['--once']);
  const run = cli(['run', file, '--executor', 'bullmq', '--json']);
  const why = async () => {
    const asked = cli(['session', 'why', 'web']);
    await asked.ended;
    return asked.out();
  };
  await expect
    .poll(why, { timeout: 90_000 })
    .toBe('preparing: waiting for a worker of pool default: there is none that takes sessions with trees\n');
  await bench.worker();
  expect(await run.ended).toBe(0);
}, 180_000);

test('a Redis that is not there, and an option that would be ignored, are refused before anything is saved', async () => {
  const file = bench.definition(['web']);
  const redis = `redis://127.0.0.1:${await freePort()}`;
  const away = cli(['run', file, '--executor', 'bullmq', '--redis', redis]);
  expect(await away.ended).toBe(1);
  expect(away.err()).toMatch(/Redis at 127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED/);
  const odd = cli(['run', file, '--pool', 'gpu']);
  expect(await odd.ended).toBe(2);
  expect(odd.err()).toContain('--pool is for sessions that workers carry out');
  const secret = cli(['run', file, '--executor', 'bullmq', '--redis', 'redis://:hunter2@h']);
  expect(await secret.ended).toBe(2);
  expect(secret.err()).not.toContain('hunter2');
  const list = cli(['group', 'list', '--json']);
  await list.ended;
  expect(list.out()).toBe('');
}, 180_000);

test('what set-up and checks print on a worker is kept with the group, without secrets', async () => {
  bench.configure({ agents: ['command'], variables: ['SECRET_TOKEN'] });
  const project = repository(join(bench.folder, 'project'));
  project.commit();
  const loud = `for n in $(seq 1 20000); do echo "line $n of $TOKEN"; done`;
  const file = bench.definition(['web'], {
    ...{ project: project.path, config: { workspace: { mode: 'worktree' } } },
    env: { TOKEN: '$' + '{SECRET_TOKEN:-none}' },
    session: () => ({
      workspace: { mode: 'worktree', setup: ['echo is set up'] },
      verify: { commands: [loud, 'echo and checked'] },
    }),
  });
  bench.openGate();
  await bench.worker([], { SECRET_TOKEN: 'canary-77aa01c4' });
  const run = cli(['run', file, '--executor', 'bullmq', '--json']);
  expect(await run.ended, run.err()).toBe(0);
  const { groupId } = JSON.parse(run.out().split('\n')[0] ?? '');
  const logOf = sessionLogs(join(bench.folder, 'data', 'groups', groupId));
  const [setup, verify] = ['setup.log', 'verify.log'].map(name =>
    readFileSync(logOf('web', name) ?? '', 'utf8'),
  );
  expect(setup).toContain('is set up\n');
  expect(verify?.length).toBeLessThan(70_000);
  expect(verify).toMatch(/^\[session-groups\] \d+ bytes were left out here\.\nline \d+ of \[redacted /);
  expect(verify).toContain('line 20000 of [redacted TOKEN]\n');
  expect(verify).toContain('and checked\n');
  expect(verify).not.toContain('canary');
}, 180_000);

test('a session reads the long result of another one in a copy on its own machine', async () => {
  const reads = [
    "const text = require('fs').readFileSync(0, 'utf8');",
    'const [, path] = /full text is in (.*)\\]/.exec(text);',
    "console.log(path + ' ' + require('fs').readFileSync(path).length);",
  ].join(' ');
  const agent = (script: string) => ({
    kind: 'command',
    command: [process.execPath, '-e', script],
    output: 'text',
  });
  const sessions = [
    { id: 'lib', prompt: 'Work.', agent: agent("console.log('x'.repeat(100000))") },
    { id: 'app', prompt: "{{ sessions['lib'].result }}", dependsOn: ['lib'], agent: agent(reads) },
  ].map(session => ({ ...session, projectPath: bench.folder }));
  const file = join(bench.folder, 'long.json');
  writeFileSync(file, JSON.stringify({ version: 1, name: 'Long', sessions }));
  await bench.worker();
  const run = cli(['run', file, '--executor', 'bullmq', '--json']);
  expect(await run.ended, run.out()).toBe(0);
  const results = run
    .out()
    .split('\n')
    .flatMap(line => {
      const event = line === '' ? {} : JSON.parse(line);
      return event.type === 'session_completed' && event.sessionId === 'app' ? [event.result] : [];
    });
  const [path = '', bytes] = results[0]?.split(' ') ?? [];
  expect(Number(bytes)).toBe(100_000);
  expect(path.startsWith(join(bench.folder, 'work', 'fleet'))).toBe(true);
}, 180_000);
