import { z } from 'zod';
import type { SessionGroupOptions } from '../../sdk/group/api/options.ts';
import type { ExecutorOf } from '../../sdk/group/attempt/executor/executor.ts';
import type { CliContext } from '../context.ts';
import { UsageError } from '../exit-codes.ts';
import { chosenRedis, RedisOption } from './redis-option.ts';

/** Of every command that creates a group: where its sessions are carried out. */
export const ExecutorOptions = RedisOption.extend({
  executor: z.enum(['local', 'bullmq']).optional(),
  pool: z.string().optional(),
});
export type ExecutorOptions = z.output<typeof ExecutorOptions>;

type Executors = NonNullable<SessionGroupOptions['executors']>;

/**
 * What makes the executor of a saved group; asks for a Redis only then.
 * @throws UsageError, once it is called, without a Redis.
 */
export const executorsOf =
  (given: RedisOption, { io, services }: CliContext): Executors =>
  async ({ kind, pool }) => {
    if (kind !== 'bullmq')
      throw new UsageError(`it was run with an executor of a host's own (${kind}), which is not known here`);
    const wanted = `its sessions are carried out by workers of the pool ${pool}`;
    return services.redisExecutor({ redis: await chosenRedis(given, io, wanted), pool });
  };

/** Of a new group; undefined: its sessions are carried out here. @throws UsageError */
export async function chosenExecutor(
  { executor: kind = 'local', pool, ...redis }: ExecutorOptions,
  context: CliContext,
): Promise<ExecutorOf | undefined> {
  if (kind === 'bullmq') return executorsOf(redis, context)({ kind, pool: pool ?? 'default' });
  const [first] = Object.entries({ '--pool': pool, '--redis': redis.redis, '--redis-file': redis.redisFile })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  if (first === undefined) return undefined;
  throw new UsageError(`${first} is for sessions that workers carry out`, 'Add --executor bullmq.');
}
