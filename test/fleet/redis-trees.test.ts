// @module-tag processes
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connectFleet } from '../../src/fleet/redis/redis-fleet.ts';
import { fleetExecutor } from '../../src/fleet/remote-executor.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import { createSessionGroup } from '../../src/sdk/group/api/create.ts';
import type { SessionGroupInput } from '../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import { createWorkspaces } from '../../src/sdk/workspace/workspaces.ts';
import { startCli } from '../cli/built-cli.ts';
import { RedisServer } from '../support/redis-server.ts';
import { repository } from '../support/repository.ts';
import { eventually } from './fleet-bench.ts';

const LEASE_MS = 3_000;

/** Groups with trees, over a Redis and workers that are processes of their own, each with a folder of its own. */
async function world() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'redis-trees-')));
  const redis = await RedisServer.begin();
  for (const name of ['home', 'config']) mkdirSync(join(folder, name));
  writeFileSync(
    join(folder, 'config', 'config.yaml'),
    JSON.stringify({ worker: { agents: ['command'], variables: ['ON'] } }),
  );
  const env = { PATH: process.env.PATH ?? '', HOME: join(folder, 'home'), ON: 'the machine of the group' };
  const repo = repository(join(folder, 'repo'));
  repo.write('README.md', 'the project\n');
  repo.write('.gitignore', 'tools\n');
  repo.commit('first');
  const fleet = connectFleet({ redis: redis.address, clock: systemClock, leaseMs: LEASE_MS });
  const workers = new Map<string, ReturnType<typeof startCli>>();
  onTestFinished(async () => {
    await fleet.close();
    for (const { process } of workers.values()) process.kill('SIGKILL');
    await redis.end();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return {
    ...{ folder, repo, workers },
    async worker(name: string) {
      const running = startCli(['worker', '--lease', `${LEASE_MS}ms`, '--concurrency', '2'], folder, {
        SESSION_GROUPS_CONFIG_DIR: join(folder, 'config'),
        SESSION_GROUPS_WORK_DIR: join(folder, name),
        SESSION_GROUPS_REDIS: `redis://127.0.0.1:${redis.port}`,
        ON: name,
      });
      workers.set(name, running);
      await running.says('Serving the pool');
    },
    script: (id: string, text: string, more: Partial<SessionGroupInput['sessions'][number]> = {}) => ({
      ...{ id, projectPath: repo.path, prompt: 'go' },
      agent: { kind: 'command' as const, command: ['sh', '-c', text] as [string, ...string[]] },
      ...more,
    }),
    group: (sessions: SessionGroupInput['sessions']) =>
      createSessionGroup(
        {
          ...{ version: 1, name: 'Trees', sessions },
          config: {
            ...{
              retry: { maximumAttempts: 1 },
              workspace: { mode: 'worktree' },
              integrate: { mode: 'merge' },
            },
            concurrency: { maxConcurrent: 2 },
          },
        },
        {
          env,
          projects: memoryProjectGate(),
          workspaces: createWorkspaces({
            ...{ clock: systemClock, env, workDir: join(folder, 'work'), gate: memoryProjectGate() },
          }),
          executor: fleetExecutor({ ...fleet, clock: systemClock, pool: 'default' }),
        },
      ),
  };
}

test('over Redis, a worker is killed while its checks run, and what its session has done is checked and merged by another', {
  timeout: 240_000,
}, async () => {
  const { folder, repo, worker, workers, script, group: create } = await world();
  await worker('first');
  await worker('second');
  const [signs, gate] = [join(folder, 'signs'), join(folder, 'gate')];
  const begun = () => (existsSync(signs) ? readFileSync(signs, 'utf8').trim().split('\n') : []);
  const group = await create([
    script('a', 'echo a > a.txt; echo "$ON" > on.txt', {
      workspace: { setup: ['echo "$ON" > tools'] },
      verify: {
        commands: [
          `echo "$ON" >> ${signs}; until [ -e ${gate} ]; do sleep 0.1; done`,
          'test "$(cat tools)" = "$ON"',
        ],
      },
    }),
    script('b', 'echo b > b.txt'),
    script('c', 'cat a.txt b.txt > c.txt', { dependsOn: ['a', 'b'] }),
  ]);
  onTestFinished(() => group.dispose().then(() => {}));
  const run = group.run();
  await eventually(() => begun().length === 1);
  const [lost = ''] = begun();
  workers.get(lost)?.process.kill('SIGKILL');
  await eventually(() => begun().length === 2);
  writeFileSync(gate, '');
  expect((await run).status).toBe('completed');
  // Once more on what it was merged with.
  const other = lost === 'first' ? 'second' : 'first';
  expect(begun().slice(0, 2)).toEqual([lost, other]);
  const show = (file: string) => repo.git('show', `refs/heads/session-groups/${group.id}/_merged:${file}`);
  expect([show('c.txt'), show('on.txt')]).toEqual(['a\nb\n', `${lost}\n`]);
});
