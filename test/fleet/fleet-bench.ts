import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { connectFleet } from '../../src/fleet/redis/redis-fleet.ts';
import { RemoteAttempts, type RemoteEvent } from '../../src/fleet/remote-attempts.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import type { AttemptOrder } from '../../src/sdk/group/attempt/order/attempt-order.ts';
import { type Running, startCli } from '../cli/built-cli.ts';
import { isAlive } from '../sdk/process/process-fixture.ts';
import { RedisServer } from '../support/redis-server.ts';
import { attemptOrder } from './attempt-order.ts';

export const LEASE_MS = 3_000;
const POOL = 'default';
export const program = (name: string) =>
  fileURLToPath(new URL(`../fixtures/programs/${name}`, import.meta.url));
const LOADER = fileURLToPath(new URL('../../scripts/load-typescript.mjs', import.meta.url));

interface GroupParts {
  readonly config?: object;
  /** The program of all agents, and what it is told besides. `claude`: that of the worker, which is told LOG and ID. */
  readonly agent?: readonly string[] | 'claude';
  readonly env?: Readonly<Record<string, string>>;
  /** Where they work. */
  readonly project?: string;
  /** What each session has besides. */
  readonly session?: (id: string) => object;
}

/** A line of an agent's own log. */
interface Sign {
  readonly word: string;
  readonly id: string;
  readonly attempt: number;
  readonly pid: number;
  readonly time: number;
}

/** A Redis, workers in processes of their own, and a group that tries a session again when its worker is lost or drains. */
export class FleetBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'fleet-'));
  readonly redis: RedisServer;
  readonly groupId = `g-${randomUUID()}`;
  readonly events: RemoteEvent[] = [];
  readonly #fleet;
  readonly #attempts;
  readonly #processes: ChildProcess[] = [];

  private constructor(redis: RedisServer) {
    this.redis = redis;
    const clock = systemClock;
    this.#fleet = connectFleet({ redis: redis.address, clock, leaseMs: LEASE_MS });
    this.#attempts = new RemoteAttempts({ ...this.#fleet, clock, group: this.groupId, pool: POOL });
    mkdirSync(join(this.folder, 'config'));
    this.configure({ agents: ['command'] });
  }

  /** @param more arguments of its Redis. */
  static async begin(more: readonly string[] = []): Promise<FleetBench> {
    return new FleetBench(await RedisServer.begin(more));
  }

  /** What the workers of this machine give to orders. */
  configure(
    worker: { readonly agents?: readonly string[]; readonly variables?: readonly string[] },
    fleet?: Readonly<Record<string, string>>,
  ): void {
    writeFileSync(join(this.folder, 'config', 'config.yaml'), JSON.stringify({ worker, fleet }));
  }

  get address(): string {
    return `redis://127.0.0.1:${this.redis.port}`;
  }

  /** A command for groups. */
  command(argv: readonly string[], env: Record<string, string>): Running {
    return this.#started(argv, env);
  }

  /** The file of a group whose sessions keep their log, each with the next of these ids. @param name of the file. */
  definition(
    ids: readonly string[],
    { config = {}, agent = ['beating-agent.mjs'], env = {}, project, session = () => ({}) }: GroupParts = {},
    name = 'group.json',
  ): string {
    const scripted = (id: string, [script = '', ...more]: readonly string[]) => ({
      kind: 'command',
      command: [process.execPath, program(script), this.#log, this.#gate, id, '-', ...more],
      output: 'text',
    });
    const sessions = ids.map(id => ({
      ...{ id, prompt: 'Work.', projectPath: project ?? this.folder },
      ...(agent === 'claude'
        ? { agent, env: { ...env, LOG: this.#log, ID: id } }
        : { agent: scripted(id, agent), env }),
      ...session(id),
    }));
    const file = join(this.folder, name);
    writeFileSync(file, JSON.stringify({ version: 1, name: 'Fleet', config, sessions }));
    return file;
  }

  /** Which attempts have begun: `ID ATTEMPT`. */
  starts(): string[] {
    return this.signs().flatMap(({ word, id, attempt }) => (word === 'start' ? [`${id} ${attempt}`] : []));
  }

  /** A worker. @param bin another executable than ours. */
  start(args: readonly string[] = [], env: Record<string, string> = {}, bin?: string): Running {
    const argv = ['worker', '--lease', `${LEASE_MS}ms`, '--json', ...args];
    return this.#started(argv, { SESSION_GROUPS_REDIS: this.address, ...env }, bin);
  }

  #started(argv: readonly string[], env: Record<string, string>, bin?: string): Running {
    const places = {
      SESSION_GROUPS_CONFIG_DIR: join(this.folder, 'config'),
      SESSION_GROUPS_WORK_DIR: join(this.folder, 'work'),
      SESSION_GROUPS_DATA_DIR: join(this.folder, 'data'),
    };
    const running = startCli(argv, this.folder, { ...places, ...env }, bin);
    this.#processes.push(running.process);
    return running;
  }

  /** Serves once it resolves. */
  async worker(...of: Parameters<FleetBench['start']>): Promise<Running> {
    const running = this.start(...of);
    await running.says('Serving the pool');
    return running;
  }

  async unguardedWorker(concurrency = 1): Promise<ChildProcess> {
    const args = [`${this.redis.port}`, join(this.folder, 'work'), `${LEASE_MS}`, `${concurrency}`];
    const child = spawn(process.execPath, ['--import', LOADER, program('unguarded-worker.mjs'), ...args], {
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#processes.push(child);
    const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    if (`${said}` !== 'serving\n') throw new Error(`it has exited with ${said}`);
    return child;
  }

  /** Runs a session to its end, in as many attempts as that takes; resolves with what follows its last `placed`. */
  run(id: string, changes: Partial<AttemptOrder> = {}, more: readonly string[] = []): Promise<RemoteEvent> {
    return new Promise(resolve => {
      const open = (attempt: number): void => {
        const args = [program('beating-agent.mjs'), this.#log, this.#gate, id, `${attempt}`, ...more];
        const agent = {
          kind: 'command' as const,
          command: [process.execPath, ...args],
          output: 'text' as const,
        };
        const order = { ...attemptOrder(this.groupId, id, attempt), agent, ...changes } as AttemptOrder;
        this.#attempts.open(order, event => {
          this.events.push(event);
          if (event.type === 'lost' || event.type === 'returned') open(attempt + 1);
          else if (event.type === 'refused' || (event.type === 'event' && event.event.type === 'ended'))
            resolve(event);
        });
      };
      open(1);
    });
  }

  get types(): string[] {
    return this.events.map(event => (event.type === 'event' ? event.event.type : event.type));
  }

  /** What the agents have written. */
  signs(): Sign[] {
    const text = existsSync(this.#log) ? readFileSync(this.#log, 'utf8') : '';
    return text
      .split('\n')
      .slice(0, -1)
      .map(line => {
        const [word = '', id = '', ...numbers] = line.split(' ');
        const [attempt = 0, pid = 0, time = 0] = numbers.map(Number);
        return { word, id, attempt, pid, time };
      });
  }

  /** For how long two attempts of a session have lived at once, in milliseconds. */
  overlap(id: string): number {
    const signs = this.signs().filter(sign => sign.id === id);
    const spans = [...new Set(signs.map(({ attempt }) => attempt))].map(attempt => {
      const times = signs.filter(sign => sign.attempt === attempt).map(({ time }) => time);
      return { first: Math.min(...times), last: Math.max(...times) };
    });
    return spans.reduce((sum, { last }, i) => sum + Math.max(0, last - (spans[i + 1]?.first ?? last)), 0);
  }

  /** Until the agent of this attempt has written that. */
  async until(id: string, attempt: number, word = 'beat'): Promise<void> {
    await eventually(() => this.signs().some(sign => isOf(sign, id, attempt) && sign.word === word));
  }

  /** Until the agent of this attempt is dead. */
  async dead(id: string, attempt: number): Promise<void> {
    const sign = this.signs().find(sign => isOf(sign, id, attempt));
    if (!sign) throw new Error('it has not lived');
    await eventually(() => !isAlive(sign.pid));
  }

  /** The agents may end. */
  openGate(): void {
    writeFileSync(this.#gate, '');
  }

  async end(): Promise<void> {
    this.openGate();
    const alive = this.#processes.filter(
      ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
    );
    const gone = alive.map(child => once(child, 'exit'));
    for (const child of alive) child.kill('SIGKILL');
    await Promise.all(gone);
    await eventually(() => !this.signs().some(({ pid }) => isAlive(pid)));
    await this.#attempts.close();
    await this.#fleet.close();
    await this.redis.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #log(): string {
    return join(this.folder, 'log');
  }

  get #gate(): string {
    return join(this.folder, 'gate');
  }
}

const isOf = (sign: Sign, id: string, attempt: number): boolean => sign.id === id && sign.attempt === attempt;

/** Machines that do much else take their time. */
export const eventually = (condition: () => boolean): Promise<void> =>
  vi.waitFor(
    () => {
      if (!condition()) throw new Error('not yet');
    },
    { timeout: 90_000, interval: 20 },
  );
