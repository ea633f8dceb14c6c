import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { startRedis } from '../redis.mjs';

const WORKER = fileURLToPath(new URL('worker-process.mjs', import.meta.url));
/** As docs/workers.md says. */
const KEPT = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--maxclients', '20000'];

/** A Redis, and workers in processes of their own. */
export class Fleet {
  static async begin() {
    return new Fleet(await startRedis(KEPT));
  }

  #redis;
  #observer;
  #processes = [];
  #folder = mkdtempSync(join(tmpdir(), 'bench-fleet-'));

  constructor(redis) {
    this.#redis = redis;
    this.#observer = new Redis(redis.port, '127.0.0.1');
  }

  get address() {
    return `redis://127.0.0.1:${this.#redis.port}`;
  }

  /** So many workers, in so many processes; resolves once all of them serve. */
  async serve({ processes = 1, workers = processes, concurrency }) {
    const starting = Array.from({ length: processes }, async (_, i) => {
      const folder = join(this.#folder, String(i));
      const options = { port: this.#redis.port, workers: workers / processes, concurrency, folder };
      const child = fork(WORKER, [JSON.stringify(options)]);
      this.#processes.push(child);
      const gone = once(child, 'exit').then(([code]) => Promise.reject(new Error(`it ended with ${code}`)));
      await Promise.race([once(child, 'message'), gone]);
      gone.catch(() => {});
    });
    await Promise.all(starting);
  }

  /** What has been used so far: CPU in microseconds, memory in MB, commands, which include those of scripts, by name. */
  async used() {
    const told = this.#processes.map(async child => {
      const answer = once(child, 'message');
      child.send('used');
      return (await answer)[0];
    });
    const workers = await Promise.all(told);
    const info = await this.#info();
    return {
      workersUs: workers.reduce((sum, { us }) => sum + us, 0),
      workerMb: Math.max(0, ...workers.map(({ mb }) => mb)),
      redisUs: 1e6 * (info.used_cpu_user + info.used_cpu_sys),
      redisMb: info.used_memory / 2 ** 20,
      /** Without the one that asks. */
      connections: info.connected_clients - 1,
      commands: Object.values(info.commands).reduce((sum, calls) => sum + calls, 0),
      byCommand: info.commands,
    };
  }

  async #info() {
    const text = await this.#observer.info('everything');
    const pairs = text.split('\r\n').flatMap(line => {
      const at = line.indexOf(':');
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    });
    const commands = pairs.flatMap(([key, value]) => {
      const [, name] = /^cmdstat_(.*)$/.exec(key) ?? [];
      return name && name !== 'info' ? [[name, Number(/calls=(\d+)/.exec(value)[1])]] : [];
    });
    const numbers = pairs.map(([key, value]) => [key, Number(value)]);
    return { ...Object.fromEntries(numbers), commands: Object.fromEntries(commands) };
  }

  async close() {
    for (const child of this.#processes) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    this.#observer.disconnect();
    await this.#redis.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
