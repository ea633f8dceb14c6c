import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { MemoryChannel, MemoryPlacement } from '../../src/fleet/memory-fleet.ts';
import type { Placement, ServedPool } from '../../src/fleet/placement.ts';
import { fleetExecutor } from '../../src/fleet/remote-executor.ts';
import { WorkerTrees } from '../../src/fleet/trees/worker-trees.ts';
import { FleetWorker } from '../../src/fleet/worker.ts';
import { WorkerSite } from '../../src/fleet/worker-site.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import { createSessionGroup, openSessionGroup } from '../../src/sdk/group/api/create.ts';
import type { SessionExecutor } from '../../src/sdk/group/attempt/executor/executor.ts';
import type { JournalRecord } from '../../src/sdk/group/journal/records.ts';
import type { GroupRunner } from '../../src/sdk/group/runner.ts';
import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import type { SessionGroupInput } from '../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import { builtInAgents } from '../../src/sdk/session/built-in-agents.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { pass } from '../../src/sdk/testing/flush.ts';
import { createWorkspaces } from '../../src/sdk/workspace/workspaces.ts';
import { type Repository, repository } from '../support/repository.ts';
import { cutChannel, cutPlacement, mortal } from './group-bench.ts';

type Session = SessionGroupInput['sessions'][number];

/** Leases end by a clock that only a test moves: a busy machine loses nobody. */
const LEASE_MS = 10_000;

/**
 * A fleet within this process, with real git and real programs: each worker has a folder of its own, and the group's engine
 * another one, with its user's repository.
 */
export class TreeBench {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'fleet-trees-')));
  readonly repo: Repository;
  readonly #leases = new SimulatedClock();
  readonly #placement = new MemoryPlacement({ clock: this.#leases, leaseMs: LEASE_MS });
  readonly #channel = new MemoryChannel();
  readonly #memory = createMemoryStore();
  #engine = mortal(systemClock);
  #executor: SessionExecutor | undefined;
  group: GroupRunner | undefined;

  constructor() {
    mkdirSync(join(this.folder, 'home'));
    this.repo = repository(join(this.folder, 'repo'));
    this.repo.write('README.md', 'the project\n');
    this.repo.commit('first');
    onTestFinished(async () => {
      await this.group?.dispose();
      rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    });
  }

  get env() {
    return { PATH: process.env.PATH, HOME: join(this.folder, 'home'), ON: 'the machine of the group' };
  }

  /** Starts a worker, with a folder of its own; `cutOff`: nothing that it says arrives any more, as if it were killed. */
  worker(name: string, { concurrency = 2, variables = [] as readonly string[] } = {}) {
    const link = { cut: false };
    const folder = join(this.folder, name);
    const channel = cutChannel(this.#channel, link);
    const env = { ...this.env, ON: name };
    const trees = new WorkerTrees({
      ...{ clock: systemClock, channel, gitEnv: env, host: { ...env }, folder, gate: memoryProjectGate() },
    });
    const served: ServedPool[] = [];
    const placement = cutPlacement(this.#placement, link);
    const serving: Placement = Object.assign(Object.create(placement), {
      serve: async (...of: Parameters<Placement['serve']>) => {
        const pool = await placement.serve(...of);
        served.push(pool);
        return pool;
      },
    });
    const agents = builtInAgents(systemClock, env);
    const site = new WorkerSite({
      ...{
        clock: systemClock,
        agents,
        kinds: ['command'],
        env,
        variables: ['ON', ...variables],
        folder,
        trees,
      },
    });
    const worker = new FleetWorker({
      ...{ placement: serving, channel, clock: this.#leases, trees },
      ...{ pool: 'pool', name, host: name, concurrency, leaseMs: LEASE_MS },
      start: (order, sink) => site.start(order, sink),
    });
    const running = worker.run();
    const drained = async () => {
      worker.drain();
      await running;
    };
    onTestFinished(async () => {
      worker.drain();
      if (!link.cut) await running;
    });
    return {
      folder,
      worker,
      drained,
      cutOff: () => {
        link.cut = true;
        worker.drain(); // its processes end with it
        for (const pool of served) void pool.close();
      },
    };
  }

  /** The leases of whoever is cut off run out. */
  lose(): Promise<void> {
    return pass(this.#leases, 2 * LEASE_MS);
  }

  /** A session whose agent is a shell script. */
  script(id: string, text: string, more: Partial<Session> = {}): Session {
    const agent = { kind: 'command' as const, command: ['sh', '-c', text] as [string, ...string[]] };
    return { id, projectPath: this.repo.path, prompt: 'go', agent, ...more };
  }

  #options(here: boolean) {
    const { env } = this;
    const gate = memoryProjectGate();
    const work = join(this.folder, here ? 'local' : 'work');
    const options = {
      ...{ store: this.#engine.store(this.#memory), clock: this.#engine.clock, env },
      ...{ projects: memoryProjectGate() },
      workspaces: createWorkspaces({ clock: systemClock, env, workDir: work, gate }),
    };
    if (here) return options;
    return {
      ...options,
      executor: (of: Parameters<ReturnType<typeof fleetExecutor>>[0]) => {
        const fleet = { placement: this.#placement, channel: this.#channel, clock: this.#engine.clock };
        this.#executor = fleetExecutor({ ...fleet, pool: 'pool' })(of);
        return this.#executor;
      },
    };
  }

  /** Creates a group; `here`: on this machine. */
  async create(
    sessions: readonly Session[],
    config: SessionGroupInput['config'] = {},
    { here = false } = {},
  ): Promise<GroupRunner> {
    const defaults = { retry: { maximumAttempts: 1 }, workspace: { mode: 'worktree' as const } };
    const definition = {
      ...{ version: 1 as const, name: 'Trees', sessions: [...sessions] },
      config: { ...defaults, integrate: { mode: 'merge' as const }, ...config },
    };
    this.group = await createSessionGroup(definition, this.#options(here));
    return this.group;
  }

  async ran(...args: Parameters<TreeBench['create']>): Promise<GroupRunner> {
    const group = await this.create(...args);
    await group.run();
    return group;
  }

  /** The engine dies, with all that it knows. */
  async die(): Promise<void> {
    this.#engine.kill();
    await this.#executor?.close();
    this.#memory.crash(this.group?.id ?? '');
  }

  async open(): Promise<GroupRunner> {
    this.#engine = mortal(systemClock);
    this.group = await openSessionGroup(this.group?.id ?? '', this.#options(false));
    return this.group;
  }

  async records(): Promise<readonly JournalRecord[]> {
    return (await this.#memory.read(this.group?.id ?? '')).records;
  }

  /** What is merged, file by file. */
  merged(group: GroupRunner): Record<string, string> {
    const ref = `refs/heads/session-groups/${group.id}/_merged`;
    const names = this.repo.git('ls-tree', '-r', '--name-only', ref).trim().split('\n');
    return Object.fromEntries(names.map(name => [name, this.repo.git('show', `${ref}:${name}`)]));
  }
}
