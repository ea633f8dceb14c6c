import { z } from 'zod';
import { shownAddress } from '../../../fleet/redis/redis-address.ts';
import type { CliContext } from '../../context.ts';
import { asUsage, EXIT } from '../../exit-codes.ts';
import { chosenRedis, RedisOption } from '../../fleet/redis-option.ts';
import { readUserConfig } from '../../plugins/user-config.ts';
import { WorkerConfig } from '../../plugins/worker-config.ts';
import { jsonLine } from '../../text.ts';
import { takeSignals } from '../take-signals.ts';
import { type MetricsServer, serveMetrics } from './metrics-server.ts';

const Options = RedisOption.extend({
  pool: z.string(),
  concurrency: z.number(),
  once: z.boolean().default(false),
  lease: z.number().default(30_000),
  drain: z.number().default(30_000),
  metricsPort: z.number().optional(),
  metricsHost: z.string(),
  json: z.boolean().default(false),
});

/** `worker`: carries out the orders of a pool, until a signal ends it. */
export async function worker(context: CliContext, given: unknown): Promise<void> {
  const { services, io } = context;
  const {
    redis: url,
    redisFile,
    once,
    metricsPort: port,
    metricsHost: host,
    ...options
  } = Options.parse(given);
  const { pool, concurrency, lease: leaseMs, drain: drainMs } = options;
  const redis = await chosenRedis({ redis: url, redisFile }, io);
  const { agents: kinds, variables } = (await readUserConfig(io.env))?.worker ?? WorkerConfig.parse({});
  const say = (line: string) => void io.stderr.write(`${line}\n`);
  let metrics: MetricsServer | undefined;
  let lastSaid = -1;
  const made = await services
    .createWorker({
      ...{ redis, pool, leaseMs, drainMs, kinds, variables, env: io.env },
      ...(once ? { orders: 1 } : { concurrency }),
      onServing() {
        const line = { type: 'serving', worker: made.name, pool, metricsPort: metrics?.port };
        if (options.json) io.stdout.write(jsonLine(line));
        say(`Serving the pool ${pool} of Redis at ${shownAddress(redis)}`);
      },
      onRefused: ({ groupId, sessionId, message }) => say(`Refused ${sessionId} of ${groupId}: ${message}`),
      onProblem(problem) {
        if (lastSaid === made.standing.reconnects) return; // each connection is tried again and again
        lastSaid = made.standing.reconnects;
        say(`Redis at ${shownAddress(redis)} cannot be reached: ${problem}`);
      },
    })
    .catch(asUsage);
  const signals = takeSignals(io);
  try {
    if (port !== undefined) {
      metrics = await serveMetrics({ port, host, standing: () => made.standing }).catch(asUsage);
      say(`Metrics: http://${host}:${metrics.port}/metrics`);
    }
    void signals.first.then(() => {
      const { live } = made.standing;
      if (live > 0) say(`Interrupting what runs here (${live}) …`);
      made.drain();
    });
    context.exitCode = await Promise.race([made.run().then(() => EXIT.completed), signals.cut]);
  } finally {
    metrics?.close();
    signals.release();
  }
}
