import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { shownAddress } from '../../../fleet/redis/redis-address.ts';
import type { RedisFleet } from '../../../fleet/redis/redis-fleet.ts';
import { FleetWorker } from '../../../fleet/worker.ts';
import { WorkerSite } from '../../../fleet/worker-site.ts';
import { systemClock } from '../../../sdk/clock.ts';
import { leaseByReaper, reaperReady } from '../../../sdk/process/reaper/reaper.ts';
import { builtInAgents } from '../../../sdk/session/built-in-agents.ts';
import { workDir } from '../../../sdk/user-folders.ts';
import type { CliContext } from '../../context.ts';
import { asUsage, EXIT } from '../../exit-codes.ts';
import { readUserConfig } from '../../plugins/user-config.ts';
import { WorkerConfig } from '../../plugins/worker-config.ts';
import { jsonLine } from '../../text.ts';
import { takeSignals } from '../take-signals.ts';
import { serveMetrics } from './metrics-server.ts';
import { chosenRedis } from './redis-option.ts';

const Options = z.object({
  redis: z.string().optional(),
  redisFile: z.string().optional(),
  pool: z.string(),
  concurrency: z.number(),
  once: z.boolean().default(false),
  lease: z.number().default(30_000),
  drain: z.number().default(30_000),
  metricsPort: z.number().optional(),
  metricsHost: z.string(),
  json: z.boolean().default(false),
});
type Options = z.output<typeof Options>;

/** `worker`: carries out the orders of a pool, until a signal ends it. */
export async function worker(context: CliContext, given: unknown): Promise<void> {
  const { services, io } = context;
  const options = Options.parse(given);
  const redis = await chosenRedis(options, io);
  const site = await siteOf(context);
  await reaperReady();
  const say = (line: string) => void io.stderr.write(`${line}\n`);
  const connections = { reconnects: 0, problem: '' };
  const fleet = await services
    .connectFleet({
      ...{ redis, clock: systemClock, leaseMs: options.lease },
      onReconnect: () => {
        connections.reconnects += 1;
        connections.problem = '';
      },
      onProblem: problem => {
        if (connections.problem === '') say(`Redis at ${shownAddress(redis)} cannot be reached: ${problem}`);
        connections.problem = problem;
      },
    })
    .catch(asUsage);
  const fleetWorker = workerOf(fleet, site, options);
  const signals = takeSignals(io);
  const { concurrency, pool, metricsPort, metricsHost: host } = options;
  const standing = () => ({
    ...{ figures: fleetWorker.figures, isDraining: fleetWorker.isDraining, concurrency },
    ...{ isConnected: fleet.channel.isConnected, reconnects: connections.reconnects },
  });
  try {
    const metrics =
      metricsPort === undefined
        ? undefined
        : await serveMetrics({ port: metricsPort, host, standing }).catch(asUsage);
    if (metrics) say(`Metrics: http://${host}:${metrics.port}/metrics`);
    if (options.json) io.stdout.write(jsonLine({ type: 'serving', pool, metricsPort: metrics?.port }));
    say(`Serving the pool ${pool} of Redis at ${shownAddress(redis)}, up to ${concurrency} at once`);
    void signals.first.then(() => {
      const { live } = fleetWorker.figures;
      if (live > 0) say(`Interrupting what runs here (${live}) …`);
      fleetWorker.drain();
    });
    context.exitCode = await Promise.race([fleetWorker.run().then(() => EXIT.completed), signals.cut]);
    metrics?.close();
  } finally {
    signals.release();
    void fleet.close();
  }
}

/** What the user's own configuration gives to orders. */
async function siteOf({ services, io }: CliContext): Promise<WorkerSite> {
  const { env } = io;
  const { agents: kinds, variables } = (await readUserConfig(env))?.worker ?? WorkerConfig.parse({});
  return new WorkerSite({
    ...{ clock: systemClock, kinds, variables, env, folder: join(workDir(env), 'fleet') },
    agents: { ...builtInAgents(systemClock, env), ...(await services.pluginAgents(env)) },
  });
}

function workerOf(fleet: RedisFleet, site: WorkerSite, options: Options): FleetWorker {
  const host = hostname();
  const { pool, concurrency, once, lease: leaseMs, drain: drainMs } = options;
  return new FleetWorker({
    ...{
      placement: fleet.placement,
      channel: fleet.channel,
      clock: systemClock,
      pool,
      leaseMs,
      drainMs,
      host,
    },
    ...(once ? { orders: 1, concurrency: 1 } : { concurrency }),
    name: `${host.replace(/[^\w.-]/g, '-')}.${process.pid}.${randomUUID().slice(0, 8)}`,
    start: (order, sink) => site.start(order, sink),
    guard: leaseByReaper,
  });
}
