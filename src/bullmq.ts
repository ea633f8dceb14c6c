export { type RedisAddress, redisAddress } from './fleet/redis/redis-address.ts';
export { type RedisExecutorOptions, redisExecutor } from './fleet/redis/redis-executor.ts';
export {
  createPoolWorker,
  type PoolWorker,
  type PoolWorkerOptions,
  type RefusedOrder,
  type WorkerStanding,
} from './fleet/redis/redis-worker.ts';
export type { WorkerFigures } from './fleet/worker.ts';
export type { OrderOutcome } from './fleet/worker-attempt.ts';
