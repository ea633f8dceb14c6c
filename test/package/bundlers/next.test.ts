import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { build, leavesNothing, ownSeconds, sleepersOf, startHost } from '../../support/killed-host.ts';
import { HOSTS, NEXT_ROW } from '../host-rows.ts';

let folder: string;
const seconds = ownSeconds();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'session-groups-next-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  for (const pid of sleepersOf(seconds)) process.kill(pid, 'SIGKILL');
});

it(`${NEXT_ROW.host} (${NEXT_ROW.version}): a killed server leaves nothing of a group that a route handler runs`, {
  timeout: 1_200_000,
}, async () => {
  const source = join(folder, 'source');
  cpSync(join(HOSTS, 'next'), source, { recursive: true });
  cpSync(join(HOSTS, 'start-group.mjs'), join(source, 'start-group.mjs'));
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', ['install', ...options, inject('packed').archive], { cwd: source, stdio: 'inherit' });
  await build(NEXT_ROW, source, { NEXT_TELEMETRY_DISABLED: '1' });
  // What is deployed has nothing of the machine that built it.
  const deployed = join(folder, 'deployed');
  renameSync(join(source, '.next', 'standalone'), deployed);
  rmSync(source, { recursive: true });

  const port = await freePort();
  const env = { PORT: `${port}`, HOSTNAME: '127.0.0.1', NEXT_TELEMETRY_DISABLED: '1' };
  const host = startHost(NEXT_ROW, { folder: deployed, node: process.execPath, env }, seconds);
  host.stdout.resume();
  host.stderr.pipe(process.stderr, { end: false });
  const run = async () => (await fetch(`http://127.0.0.1:${port}/run?seconds=${seconds}`)).text();
  await expect.poll(() => fetch(`http://127.0.0.1:${port}/`).then(({ status }) => status)).toBe(404);
  expect(await run()).toBe('started');
  await leavesNothing(host, seconds);
});

/** A port that was free a moment ago: the server takes none by itself. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise(resolve => void server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
