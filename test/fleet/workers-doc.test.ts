// @module-tag processes
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../support/redis-server.ts';
import { FleetBench } from './fleet-bench.ts';

const PAGE = readFileSync(new URL('../../docs/workers.md', import.meta.url), 'utf8');
const blockOf = (language: string): string[] =>
  [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].flatMap(([, text = '']) =>
    text.trimEnd().split('\n'),
  );
const COMMANDS = blockOf('sh');
const [SERVE, ORDER] = [true, false].map(serves =>
  COMMANDS.filter(command => command.startsWith('session-groups worker ') === serves),
);

let bench: FleetBench | undefined;
beforeEach(() => {
  bench = undefined;
});
afterEach(() => bench?.end());

test('the page has commands, metrics and a configuration to try', () => {
  expect(COMMANDS.length).toBeGreaterThan(2);
  expect(blockOf('conf').length).toBeGreaterThan(3);
});

test.each(SERVE ?? [])(
  '%s',
  async command => {
    bench = await FleetBench.begin();
    const url = `redis://127.0.0.1:${bench.redis.port}`;
    writeFileSync(join(bench.folder, 'redis'), url);
    const [program, verb, ...args] = command
      .replace('redis://10.0.0.5:6379', url)
      .replace('/run/secrets/redis', join(bench.folder, 'redis'))
      .replace('--metrics-port 9090', '--metrics-port 0')
      .split(' ');
    expect([program, verb]).toEqual(['session-groups', 'worker']);
    const worker = await bench.worker(args, { SESSION_GROUPS_REDIS: '' });
    worker.process.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
  },
  180_000,
);

test('the commands that order from workers go on where one of them was killed', async () => {
  bench = await FleetBench.begin();
  const { address, folder } = bench;
  bench.definition(['web'], undefined, 'session-groups.yaml');
  bench.definition(['web'], undefined, 'review.yaml');
  const [here, elsewhere, again] = (ORDER ?? []).map(command =>
    command.replace('redis://10.0.0.5:6379', address).split(' ').slice(1),
  );
  if (!here || !elsewhere || !again) throw new Error('the page has other commands');
  await bench.worker([]);
  await bench.worker(['--pool', 'gpu']);
  const killed = bench.command(elsewhere, {});
  await bench.until('web', 1);
  killed.process.kill('SIGKILL');
  await killed.ended;
  bench.openGate();
  for (const argv of [again, here])
    expect(await bench.command(argv, { SESSION_GROUPS_REDIS: address }).ended, `${argv} in ${folder}`).toBe(
      0,
    );
  expect(bench.starts()).toEqual(['web 1', 'web 1']);
}, 180_000);

test('a Redis as the page configures it serves a worker with that user', async () => {
  const words = (line: string) => line.split(' ');
  const lines = blockOf('conf').filter(line => line !== 'user default off'); // the bench itself has no user
  bench = await FleetBench.begin(lines.flatMap(line => [`--${words(line)[0]}`, ...words(line).slice(1)]));
  const url = `redis://fleet:CHANGE-ME@127.0.0.1:${bench.redis.port}`;
  const worker = await bench.worker(['--metrics-port', '0'], { SESSION_GROUPS_REDIS: url });
  bench.openGate();
  expect(await bench.run('web')).toMatchObject({ event: { end: { outcome: 'done' } } });
  worker.process.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
  expect(worker.err()).not.toMatch(/NOPERM|cannot be reached/);
}, 180_000);

test('over TLS, a worker trusts the certificates that Node trusts, and no other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const names = ['-subj', '/CN=redis', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', [...made, '-keyout', key, '-out', cert, ...names], { stdio: 'ignore' });
  const port = await freePort();
  const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert];
  bench = await FleetBench.begin(['--tls-port', `${port}`, '--tls-auth-clients', 'no', ...files]);
  const env = { SESSION_GROUPS_REDIS: `rediss://127.0.0.1:${port}` };
  const stranger = bench.start([], env);
  await stranger.says('self-signed certificate');
  const worker = await bench.worker(['--once'], { ...env, NODE_EXTRA_CA_CERTS: cert });
  bench.openGate();
  expect(await bench.run('web')).toMatchObject({ event: { end: { outcome: 'done' } } });
  expect(await worker.ended).toBe(0);
  expect(stranger.out()).toBe('');
  rmSync(folder, { recursive: true });
}, 180_000);

test('the metrics that it names are those that there are', async () => {
  const { metricsText } = await import('../../src/cli/commands/worker/metrics.ts');
  const outcomes = { ended: 1, refused: 2, drained: 3, lost: 4 };
  const figures = { live: 1, taken: 2, outcomes, reportsWaiting: 3 };
  const text = metricsText({
    ...figures,
    concurrency: 4,
    isDraining: false,
    isConnected: true,
    reconnects: 5,
  });
  const names = [...text.matchAll(/^# TYPE session_groups_worker_(\w+) /gm)].map(([, name = '']) => name);
  const named = [...PAGE.matchAll(/^\| (`[a-z_{}=…`, ]+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([a-z_]+)/g)].map(([, name]) => name),
  );
  expect(named.sort()).toEqual(names.sort());
});
