import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Unavailable } from './unavailable.mjs';

/** Nothing on the disk: what is measured is not the disk. */
const IN_MEMORY = ['--appendonly', 'no'];

/**
 * Starts a Redis of its own on a free port of 127.0.0.1: `redis-server` from the PATH, or what REDIS_SERVER names.
 * @param kept arguments that say what it writes to the disk.
 */
export async function startRedis(kept = IN_MEMORY) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-redis-'));
  const port = await freePort();
  const command = process.env.REDIS_SERVER ?? 'redis-server';
  const args = ['--bind', '127.0.0.1', '--port', port, '--dir', folder, '--save', '', ...kept];
  const child = spawn(command, args.map(String), { stdio: 'ignore' });
  process.once('exit', () => child.kill());
  const gone = new Promise(resolve => {
    child.once('error', resolve);
    child.once('exit', code => resolve(new Error(`it ended with ${code}`)));
  });
  for (let isUp = false; !isUp; ) {
    isUp = await answers(port);
    const problem = isUp ? undefined : await Promise.race([gone, pause(20)]);
    if (problem)
      throw new Unavailable(`no Redis could be started (${problem.message}): install redis-server`);
  }
  return {
    port,
    async close() {
      child.kill();
      await gone;
      rmSync(folder, { recursive: true });
    },
  };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

const answers = port =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
