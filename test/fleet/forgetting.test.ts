// @module-tag processes
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Running } from '../cli/built-cli.ts';
import { FleetBench } from './fleet-bench.ts';

/* What a group leaves in Redis, and with workers: nothing, once it is not needed. */

let bench: FleetBench;
let client: Redis;
beforeEach(async () => {
  bench = await FleetBench.begin();
  client = new Redis(bench.redis.address);
});
afterEach(async () => {
  client.disconnect();
  await bench.end();
});

const cli = (...argv: string[]): Running => bench.command(argv, { SESSION_GROUPS_REDIS: bench.address });
const run = async (): Promise<{ readonly id: string; readonly running: Running }> => {
  const running = cli('run', bench.definition(['web', 'api']), '--executor', 'bullmq', '--json');
  await bench.until('web', 1);
  return { id: JSON.parse(running.out().split('\n')[0] ?? '').groupId, running };
};
const keysOf = async (id: string): Promise<string[]> => (await client.keys(`*${id}*`)).sort();

test('the orders of a group that has settled are forgotten, and all that it had once it is deleted', async () => {
  await bench.worker(['--concurrency', '2']);
  const { id, running } = await run();
  expect((await keysOf(id)).filter(key => /:default:/.test(key)).length).toBeGreaterThan(0);
  bench.openGate();
  expect(await running.ended).toBe(0);
  const left = await keysOf(id);
  expect(left.filter(key => /:default:/.test(key))).toEqual([]);
  for (const key of left) expect(await client.pttl(key), key).toBeGreaterThan(0);
  expect(await cli('group', 'delete', id, '--force').ended).toBe(0);
  expect(await keysOf(id)).toEqual([`session-groups:{${id}}:ended`]);
  expect(await client.pttl(`session-groups:{${id}}:ended`)).toBeGreaterThan(0);
}, 180_000);

test('the agents of a group that is deleted after its process was killed end, and cannot be left behind', async () => {
  const worker = await bench.worker(['--concurrency', '2']);
  const { id, running } = await run();
  await bench.until('api', 1);
  running.process.kill('SIGKILL');
  await running.ended;
  const lost = bench.command(['group', 'delete', id, '--force'], {});
  expect(await lost.ended).toBe(2);
  expect(lost.err()).toContain('no Redis is named');
  expect(await cli('group', 'delete', id, '--force').ended).toBe(0);
  await Promise.all([bench.dead('web', 1), bench.dead('api', 1)]);
  expect(await keysOf(id)).toContain(`session-groups:{${id}}:ended`);
  expect((await keysOf(id)).filter(key => key.startsWith(`session-groups:{${id}}`))).toHaveLength(1);
  worker.process.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
}, 180_000);
