// @module-tag processes
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { send } from '../serve/serve-world.ts';
import { SeveredPort } from '../support/severed-port.ts';
import { eventually, FleetBench } from './fleet-bench.ts';

/*
 * Workers as processes of their own, over a Redis of the test's own; what overlaps is read from the agents' own logs.
 * Waits are for conditions: a machine that is busy makes these tests slow, and attempts lost that would not be.
 */

let bench: FleetBench;
beforeEach(async () => {
  bench = await FleetBench.begin();
});
afterEach(() => bench.end());

const done = (attempt: number, secret = 0) => ({
  event: { end: { outcome: 'done', result: `done in attempt ${attempt}, secret of ${secret}` } },
});

test('a worker that is killed loses its session to another worker, without overlap', async () => {
  const first = await bench.worker();
  const outcome = bench.run('web');
  await bench.until('web', 1);
  await bench.worker();
  first.process.kill('SIGKILL');
  await bench.until('web', 2);
  bench.openGate();
  expect(await outcome).toMatchObject(done(2));
  expect(bench.types).toEqual(['placed', 'started', 'lost', 'placed', 'started', 'message', 'ended']);
  expect(bench.overlap('web')).toBe(0);
}, 180_000);

test('a worker that stands still past its lease loses its session, and its agent before that', async () => {
  const first = await bench.worker();
  const outcome = bench.run('web');
  await bench.until('web', 1);
  first.process.kill('SIGSTOP');
  await bench.dead('web', 1);
  await bench.worker();
  await bench.until('web', 2);
  first.process.kill('SIGCONT');
  bench.openGate();
  expect(await outcome).toMatchObject(done(2));
  expect(bench.types).toEqual(['placed', 'started', 'lost', 'placed', 'started', 'message', 'ended']);
  expect(bench.overlap('web')).toBe(0);
  first.process.kill('SIGTERM');
  expect(await first.ended).toBe(0);
}, 180_000);

test('without the guard, both attempts of a session whose worker stands still live at once', async () => {
  const first = await bench.unguardedWorker();
  const outcome = bench.run('web');
  await bench.until('web', 1);
  first.kill('SIGSTOP');
  await bench.worker();
  await bench.until('web', 2);
  await eventually(() => bench.overlap('web') > 0);
  bench.openGate();
  expect(await outcome).toMatchObject(done(2));
}, 180_000);

test('a worker that drains hands its session back, and exits', async () => {
  const first = await bench.worker();
  const outcome = bench.run('web');
  await bench.until('web', 1);
  await bench.worker();
  first.process.kill('SIGTERM');
  expect(await first.ended).toBe(0);
  expect(first.err()).toContain('Interrupting what runs here (1)');
  await bench.until('web', 2);
  bench.openGate();
  expect(await outcome).toMatchObject(done(2));
  expect(bench.types).toEqual(['placed', 'started', 'returned', 'placed', 'started', 'message', 'ended']);
  expect(bench.overlap('web')).toBe(0);
}, 180_000);

test('an agent that does not end when its worker drains is killed in time', async () => {
  const worker = await bench.worker(['--drain', '1s']);
  const outcome = bench.run('web', {}, ['deaf']);
  await bench.until('web', 1);
  worker.process.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
  await bench.dead('web', 1);
  bench.openGate();
  await bench.worker();
  expect(await outcome).toMatchObject(done(2));
}, 180_000);

test('a second signal ends a worker at once, and its agents with it', async () => {
  const worker = await bench.worker(['--drain', '1h']);
  const outcome = bench.run('web', {}, ['deaf']);
  await bench.until('web', 1);
  worker.process.kill('SIGTERM');
  await bench.until('web', 1, 'asked');
  worker.process.kill('SIGTERM');
  expect(await worker.ended).toBe(143);
  await bench.dead('web', 1);
  bench.openGate();
  await bench.worker();
  expect(await outcome).toMatchObject(done(2));
}, 180_000);

test('a worker that hears nothing of Redis ends its agents before others have their sessions, and comes back', async () => {
  const severed = await SeveredPort.to(bench.redis.port);
  const first = await bench.worker([], { SESSION_GROUPS_REDIS: `redis://127.0.0.1:${severed.port}` });
  const outcome = bench.run('web');
  await bench.until('web', 1);
  severed.sever();
  const second = await bench.worker();
  await bench.until('web', 2);
  expect(bench.overlap('web')).toBe(0);
  severed.mend();
  bench.openGate();
  expect(await outcome).toMatchObject(done(2));
  expect(bench.types).toEqual(['placed', 'started', 'lost', 'placed', 'started', 'message', 'ended']);
  second.process.kill('SIGTERM');
  expect(await second.ended).toBe(0);
  expect(await bench.run('api')).toMatchObject(done(1));
  first.process.kill('SIGTERM');
  expect(await first.ended).toBe(0);
  await severed.close();
}, 180_000);

test('a Redis that is killed and started again within the lease interrupts nothing', async () => {
  const worker = await bench.worker(['--metrics-port', '0', '--lease', '60s']);
  const outcome = bench.run('web');
  await bench.until('web', 1);
  await bench.redis.kill();
  await worker.says('cannot be reached');
  await bench.redis.start();
  const port = Number(/127\.0\.0\.1:(\d+)\/metrics/.exec(worker.err())?.[1]);
  const metrics = async () => (await send(port, '/metrics')).text;
  let text = '';
  await eventually(() => {
    void metrics().then(read => {
      text = read;
    });
    return /redis_connected 1/.test(text) && /reconnects_total [1-9]/.test(text);
  });
  bench.openGate();
  expect(await outcome).toMatchObject(done(1));
  expect(bench.types).toEqual(['placed', 'started', 'message', 'ended']);
}, 180_000);

test('while Redis is away for longer than a lease, all agents are ended; then they go on, without overlap', async () => {
  const worker = await bench.worker();
  const outcome = bench.run('web');
  await bench.until('web', 1);
  await bench.redis.kill();
  await bench.dead('web', 1);
  await bench.redis.start();
  await bench.until('web', 2);
  bench.openGate();
  expect(await outcome).toMatchObject(done(2));
  expect(bench.types.slice(0, 3)).toEqual(['placed', 'started', 'lost']);
  expect(bench.overlap('web')).toBe(0);
  worker.process.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
}, 180_000);

test('a Redis that has lost its data loses what ran, which then goes on, without overlap', async () => {
  await bench.worker();
  const outcome = bench.run('web');
  await bench.until('web', 1);
  await bench.redis.kill();
  rmSync(join(bench.redis.folder, 'appendonlydir'), { recursive: true });
  await bench.redis.start();
  await bench.until('web', 2);
  bench.openGate();
  expect(await outcome).toMatchObject(done(2));
  expect(bench.types.slice(0, 3)).toEqual(['placed', 'started', 'lost']);
  expect(bench.overlap('web')).toBe(0);
}, 180_000);

test('a secret of a worker reaches the agents that may have it, and nothing of it is in Redis', async () => {
  const canary = 'canary-9f3d6e1b7a';
  bench.configure({ agents: ['command'], variables: ['CANARY'] });
  const worker = await bench.worker(['--once'], { CANARY: canary });
  bench.openGate();
  const env = { SECRET: '$' + '{CANARY}' };
  expect(await bench.run('web', { env })).toMatchObject(done(1, canary.length));
  expect(await worker.ended).toBe(0);
  const folder = join(bench.redis.folder, 'appendonlydir');
  const kept = readdirSync(folder).map(name => readFileSync(join(folder, name), 'latin1'));
  expect(kept.some(text => text.includes(env.SECRET))).toBe(true);
  expect(kept.filter(text => text.includes(canary))).toEqual([]);
}, 180_000);

test('what a worker does not give is refused, with the reason', async () => {
  bench.configure({ agents: ['command'], variables: ['OTHER'] });
  await bench.worker([], { CANARY: 'x', OTHER: 'y' });
  expect(await bench.run('variable', { env: { SECRET: '$' + '{CANARY}' } })).toEqual({
    type: 'refused',
    message: 'this worker does not resolve CANARY: worker.variables of its config.yaml has OTHER',
  });
  expect(await bench.run('kind', { agent: { kind: 'claude' } })).toEqual({
    type: 'refused',
    message: 'this worker runs no agent of the kind claude: worker.agents of its config.yaml has command',
  });
  expect(bench.signs()).toEqual([]);
}, 180_000);

test('an operator sees what a worker does, and only under its own name', async () => {
  const worker = await bench.worker(['--metrics-port', '0', '--concurrency', '3']);
  const { metricsPort: port } = JSON.parse(worker.out());
  const outcome = bench.run('web');
  await bench.until('web', 1);
  const text = (await send(port, '/metrics')).text;
  expect(text).toMatch(/^session_groups_worker_attempts 1$/m);
  expect(text).toMatch(/^session_groups_worker_concurrency 3$/m);
  expect(text).toMatch(/^session_groups_worker_orders_taken_total 1$/m);
  expect(text).toMatch(/^session_groups_worker_orders_finished_total\{outcome="lost"\} 0$/m);
  expect((await send(port, '/healthz')).json).toEqual({ draining: false, redis: 'connected', attempts: 1 });
  expect((await send(port, '/readyz')).status).toBe(200);
  expect((await send(port, '/metrics', { headers: { host: 'evil.example' } })).status).toBe(421);
  expect((await send(port, '/metrics', { method: 'POST' })).status).toBe(405);
  expect((await send(port, '/')).status).toBe(404);
  await bench.redis.kill();
  await worker.says('cannot be reached');
  const ready = await send(port, '/readyz');
  expect([ready.status, ready.json]).toMatchObject([503, { redis: 'away' }]);
  expect((await send(port, '/healthz')).status).toBe(200);
  await bench.redis.start();
  bench.openGate();
  await outcome;
}, 180_000);

test('a worker waits for a Redis that is away, and ends if it is told to meanwhile', async () => {
  await bench.redis.kill();
  const [waits, ends] = [bench.start(), bench.start()];
  await Promise.all([waits.says('cannot be reached'), ends.says('cannot be reached')]);
  ends.process.kill('SIGTERM');
  expect(await ends.ended).toBe(0);
  expect(ends.out()).toBe('');
  await bench.redis.start();
  await waits.says('Serving the pool');
  bench.openGate();
  expect(await bench.run('web')).toMatchObject(done(1));
}, 180_000);
