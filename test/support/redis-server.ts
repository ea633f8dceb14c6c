import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * A Redis of the test's own, on a port of 127.0.0.1: Debian's `redis-server`, or what REDIS_SERVER names. It keeps an
 * append-only file, and finds it again when it is started once more.
 */
export class RedisServer {
  readonly folder = mkdtempSync(join(tmpdir(), 'redis-'));
  readonly port: number;
  readonly #more: readonly string[];
  #child: ChildProcess | undefined;

  private constructor(port: number, more: readonly string[]) {
    this.port = port;
    this.#more = more;
  }

  /** @param more arguments. */
  static async begin(more: readonly string[] = []): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), more);
    await server.start();
    return server;
  }

  get address() {
    return { host: '127.0.0.1', port: this.port };
  }

  async start(): Promise<void> {
    const place = ['--bind', '127.0.0.1', '--port', String(this.port), '--dir', this.folder];
    const kept = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
    const child = spawn(process.env.REDIS_SERVER ?? 'redis-server', [...place, ...kept, ...this.#more], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', code => reject(new Error(`Redis ended with ${code}`)));
      createInterface({ input: child.stdout }).on('line', line => {
        if (line.includes('Ready to accept connections')) resolve();
      });
    });
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** It writes what it has, and ends. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
