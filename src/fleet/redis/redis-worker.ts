import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expectArgument, isCount, isObject } from '../../sdk/argument.ts';
import { type Clock, systemClock } from '../../sdk/clock.ts';
import { machineProjects } from '../../sdk/delivery/machine-workspaces.ts';
import { given } from '../../sdk/given.ts';
import { leaseByReaper, reaperReady } from '../../sdk/process/reaper/reaper.ts';
import { builtInAgents } from '../../sdk/session/built-in-agents.ts';
import { type Agents, checkAgents } from '../../sdk/session/own/registered.ts';
import { workDir } from '../../sdk/user-folders.ts';
import type { Channel } from '../channel.ts';
import type { SiteFolders, SweepOptions } from '../site-folders.ts';
import { sessionOf } from '../trees/step-sender.ts';
import { WorkerTrees } from '../trees/worker-trees.ts';
import { FleetWorker, type WorkerFigures } from '../worker.ts';
import { listedVariables, WorkerSite } from '../worker-site.ts';
import { isReplyError, refusedBy } from './connection.ts';
import { DEFAULT_POOL, expectPool } from './pool-name.ts';
import { addressOf, type RedisAddress } from './redis-address.ts';
import { connectFleet, type RedisFleet } from './redis-fleet.ts';

/** Which orders a worker takes, and what this machine gives to them. */
export interface PoolWorkerOptions {
  /** As an address, or as text: `redis://HOST:PORT`, `rediss://` for TLS, `unix:PATH`. */
  readonly redis: RedisAddress | string;
  /** Default: `default`. */
  readonly pool?: string;
  /** How many sessions run here at the same time. Default: 1. */
  readonly concurrency?: number;
  /** It ends after this many orders. Default: no limit. */
  readonly orders?: number;
  /** How long it may be out of reach before its sessions go on elsewhere; milliseconds, at least 1,000. Default: 30 s. */
  readonly leaseMs?: number;
  /** How long sessions may take to end once it drains, before they are killed; milliseconds. Default: 30 s. */
  readonly drainMs?: number;
  /** The host's own agents, by kind. Default: the built-in ones only. */
  readonly agents?: Agents;
  /** Kinds of agents that orders may name. Default: `claude`. */
  readonly kinds?: readonly string[];
  /** Variables of `env` that orders may refer to and agents inherit, besides those that every program needs. Default: none. */
  readonly variables?: readonly string[];
  /** Default: process.env. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Each session gets a folder below it; absolute. Default: `fleet` in the user's folder for work. */
  readonly folder?: string;
  /** How long a session's folder is kept that nobody uses; that of a deleted group goes at once. Milliseconds; default: 30 days. */
  readonly keepMs?: number;
  /** It serves its pool from now on. Default: nobody hears of it. */
  readonly onServing?: () => void;
  /** It does not carry out an order, for the reason that its session's failure has. Default: nobody hears of it here. */
  readonly onRefused?: (order: RefusedOrder) => void;
  /** Redis can't be reached; called for each try of each connection. Default: nobody hears of it. */
  readonly onProblem?: (message: string) => void;
  /** Default: the system clock. */
  readonly clock?: Clock;
}

/** An order that a worker does not carry out. */
export interface RefusedOrder {
  readonly groupId: string;
  readonly sessionId: string;
  readonly message: string;
}

/** A worker as its operator sees it. */
export interface WorkerStanding extends WorkerFigures {
  /** Attempts that it has at most. */
  readonly concurrency: number;
  /** It takes no more orders. */
  readonly isDraining: boolean;
  /** Redis can be reached. */
  readonly isConnected: boolean;
  /** Connections to Redis that were lost and are there again. */
  readonly reconnects: number;
}

/** Carries out the orders of a pool; see `createPoolWorker`. */
export interface PoolWorker {
  /** Unique. */
  readonly name: string;
  readonly standing: WorkerStanding;
  /**
   * Serves the pool, until it has drained or has had all its orders. Call it once.
   * @throws SessionGroupsError `reaper_unavailable`; whatever Redis refuses.
   */
  run(): Promise<void>;
  /** It takes no more orders; its sessions are interrupted, and go on elsewhere. */
  drain(): void;
}

/**
 * Makes this process a worker of a fleet: it carries out attempts of sessions whose groups are elsewhere. Whoever can write
 * to the Redis runs commands here.
 *
 * @throws SessionGroupsError `invalid_argument`.
 * @example
 * const worker = createPoolWorker({ redis: 'redis://10.0.0.5:6379', variables: ['ANTHROPIC_API_KEY'] });
 * process.once('SIGTERM', () => worker.drain());
 * await worker.run();
 */
export function createPoolWorker(options: PoolWorkerOptions): PoolWorker {
  check(options);
  const { pool = DEFAULT_POOL, concurrency = 1, leaseMs = 30_000, clock = systemClock } = options;
  const {
    onServing,
    onProblem,
    drainMs = 30_000,
    keepMs = 30 * 86_400_000,
    orders = Number.POSITIVE_INFINITY,
  } = options;
  const redis = addressOf(options.redis);
  const agents = {
    ...builtInAgents(clock, options.env ?? process.env),
    ...checkAgents(options.agents ?? {}),
  };
  const host = hostname();
  const name = `${host.replace(/[^\w.-]/g, '-')}.${process.pid}.${randomUUID().slice(0, 8)}`;
  let reconnects = 0;
  const onReconnect = () => {
    reconnects += 1;
  };
  let isDraining = false;
  let running: { readonly fleet: RedisFleet; readonly worker: FleetWorker } | undefined;
  return {
    name,
    get standing() {
      const { figures = NOTHING_YET } = running?.worker ?? {};
      const isConnected = running?.fleet.channel.isConnected ?? false;
      return { ...figures, concurrency, isDraining, isConnected, reconnects };
    },
    async run() {
      await reaperReady();
      const fleet = connectFleet({ redis, clock, leaseMs, onReconnect, ...given({ onProblem }) });
      const { site, trees } = siteOf(options, { clock, agents, channel: fleet.channel });
      const worker = new FleetWorker({
        ...{ placement: fleet.placement, channel: fleet.channel, clock, leaseMs, drainMs },
        ...{ pool, name, host, concurrency, orders, guard: leaseByReaper, ...given({ onServing }) },
        ...(trees && { trees }),
        onRefused: ({ group, session }, message) =>
          options.onRefused?.({ groupId: group, sessionId: sessionOf(session), message }),
        start: (order, sink) => site.start(order, sink),
      });
      running = { fleet, worker };
      if (isDraining) worker.drain();
      const sweeping = sweepOften(
        site.folders,
        { hasEnded: id => fleet.channel.hasEnded(id), keepMs },
        clock,
      );
      try {
        await worker.run();
      } catch (error) {
        throw isReplyError(error) ? refusedBy(redis, error) : error;
      } finally {
        sweeping.stop();
        await fleet.close();
      }
    },
    drain() {
      isDraining = true;
      running?.worker.drain();
    },
  };
}

/** Between two looks for folders that nobody needs. */
const SWEEP_MS = 600_000;

/** Now, and again and again. */
function sweepOften(folders: SiteFolders, options: SweepOptions, clock: Clock): { stop(): void } {
  let timer: unknown;
  let isStopped = false;
  const sweep = async () => {
    await folders.sweep(options).catch(() => {}); // the next look finds it again
    if (!isStopped) timer = clock.setTimeout(() => void sweep(), SWEEP_MS);
  };
  void sweep();
  return {
    stop() {
      isStopped = true;
      clock.clearTimeout(timer);
    },
  };
}

const NOTHING_YET: WorkerFigures = {
  ...{ live: 0, taken: 0, reportsWaiting: 0 },
  outcomes: { ended: 0, refused: 0, drained: 0, lost: 0 },
};

function siteOf(
  options: PoolWorkerOptions,
  { clock, agents, channel }: { readonly clock: Clock; readonly agents: Agents; readonly channel: Channel },
): { readonly site: WorkerSite; readonly trees: WorkerTrees | undefined } {
  const { kinds = ['claude'], variables = [], env = process.env, orders } = options;
  const { folder = join(workDir(env), 'fleet') } = options;
  const host = listedVariables(env, variables);
  // A tree waits for the next order of its session, which a worker for a number of orders may not live to take.
  const trees =
    orders === undefined
      ? new WorkerTrees({ clock, channel, gitEnv: env, host, folder, gate: machineProjects() })
      : undefined;
  const site = new WorkerSite({
    ...{ clock, agents, kinds, variables, env, folder },
    ...(trees && { trees }),
  });
  return { site, trees };
}

function check(options: PoolWorkerOptions): void {
  expectArgument(isObject(options), 'options', 'an object');
  const { pool = DEFAULT_POOL, concurrency = 1, orders = 1, leaseMs = 30_000, drainMs = 0 } = options;
  const { keepMs = 0 } = options;
  expectPool(pool);
  expectArgument(isCount(concurrency, 1), 'options.concurrency', 'a whole number from 1');
  expectArgument(isCount(orders, 1), 'options.orders', 'a whole number from 1');
  expectArgument(leaseMs >= 1_000, 'options.leaseMs', 'at least 1,000');
  expectArgument(drainMs >= 0, 'options.drainMs', 'at least 0');
  expectArgument(keepMs >= 0, 'options.keepMs', 'at least 0');
}
