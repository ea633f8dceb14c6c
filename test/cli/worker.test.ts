import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { CliServices } from '../../src/cli/services.ts';
import type { PoolWorkerOptions } from '../../src/fleet/redis/redis-worker.ts';
import { SessionGroupsError } from '../../src/sdk/errors.ts';
import { FakeGroup, FakeIo, fakeServices } from './fakes.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'worker-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs the command with a worker that has nothing to do. */
async function run(
  argv: readonly string[],
  env: Record<string, string> = {},
  changes: Partial<CliServices> = {},
) {
  const io = new FakeIo({ cwd: folder, env: { SESSION_GROUPS_CONFIG_DIR: folder, ...env } });
  const made: PoolWorkerOptions[] = [];
  const services = fakeServices(new FakeGroup(), {
    createWorker: async options => {
      made.push(options);
      const outcomes = { ended: 0, refused: 0, drained: 0, lost: 0 };
      const figures = { live: 0, taken: 0, outcomes, reportsWaiting: 0 };
      const standing = { ...figures, concurrency: 1, isDraining: false, isConnected: true, reconnects: 0 };
      return { name: 'host.1.a', standing, run: async () => options.onServing?.(), drain() {} };
    },
    ...changes,
  });
  const code = await main(['worker', ...argv], io, services);
  return { code, made, out: io.stdout.text, err: io.stderr.text, listening: io.listening };
}

test('it serves the pool and the Redis that it is told, with nothing that is secret', async () => {
  const more = ['--pool', 'gpu', '--concurrency', '3', '--lease', '5s', '--drain', '1m', '--json'];
  const { code, made, out, err, listening } = await run(['--redis', 'redis://10.0.0.5', ...more]);
  expect([code, listening]).toEqual([0, 0]);
  expect(made).toMatchObject([
    {
      ...{ redis: { host: '10.0.0.5' }, pool: 'gpu', concurrency: 3, leaseMs: 5_000, drainMs: 60_000 },
      ...{ kinds: ['claude'], variables: [] },
    },
  ]);
  expect(JSON.parse(out)).toEqual({ type: 'serving', worker: 'host.1.a', pool: 'gpu' });
  expect(err).toBe('Serving the pool gpu of Redis at 10.0.0.5:6379\n');
});

test('what its user’s configuration lists is given to orders', async () => {
  await writeFile(join(folder, 'config.yaml'), 'worker: { agents: [command], variables: [API_KEY] }\n');
  const { made } = await run(['--redis', 'redis://h', '--once']);
  expect(made).toMatchObject([{ kinds: ['command'], variables: ['API_KEY'], orders: 1 }]);
});

test('a password in an argument is refused, not repeated, and taken from a file or a variable', async () => {
  const url = 'rediss://me:hunter2@h:7000/3';
  const refused = await run(['--redis', url]);
  expect([refused.code, refused.made]).toEqual([2, []]);
  expect(refused.err).toContain('--redis-file');
  expect(refused.err).not.toContain('hunter2');
  await writeFile(join(folder, 'redis'), `${url}\n`);
  for (const { made, err } of [
    await run(['--redis-file', 'redis']),
    await run([], { SESSION_GROUPS_REDIS: url }),
  ]) {
    expect(made).toMatchObject([
      { redis: { host: 'h', port: 7_000, username: 'me', password: 'hunter2', db: 3, tls: {} } },
    ]);
    expect(err).not.toContain('hunter2');
  }
});

test.each([
  ['no Redis', [], {}, 'no Redis is named'],
  ['two', ['--redis', 'redis://h', '--redis-file', 'f'], {}, 'two addresses'],
  ['a file that is not there', ['--redis-file', 'missing'], {}, 'cannot be read'],
  ['what is no address', [], { SESSION_GROUPS_REDIS: 'http://me:hunter2@h' }, 'is not one'],
  ['what would be left out', [], { SESSION_GROUPS_REDIS: 'redis://h?password=hunter2' }, 'is not one'],
  ['an odd pool', ['--redis', 'redis://h', '--pool', 'a:b'], {}, 'letters, digits'],
  ['a short lease', ['--redis', 'redis://h', '--lease', '10ms'], {}, 'a duration from 1s'],
])('%s is a usage error', async (_, argv, env, message) => {
  const { code, made, err } = await run(argv, env);
  expect([code, made]).toEqual([2, []]);
  expect(err).toContain(message);
  expect(err).not.toContain('hunter2');
});

test('missing packages are named, with the command that installs them', async () => {
  const hint = 'Install them with: npm install bullmq ioredis';
  const missing = new SessionGroupsError('package_missing', 'a worker needs the packages bullmq ioredis', {
    hint,
  });
  const { code, out } = await run(
    ['--redis', 'redis://h', '--json'],
    {},
    {
      createWorker: () => Promise.reject(missing),
    },
  );
  expect(code).toBe(2);
  expect(JSON.parse(out)).toMatchObject({ code: 'package_missing', hint });
});
