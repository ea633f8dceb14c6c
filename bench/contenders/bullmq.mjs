import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { countdown } from '../lib/graphs.mjs';
import { startRedis } from '../lib/redis.mjs';

/** A job is added when its dependencies have ended (a job of BullMQ's flows has one parent); the CPU of Redis is not counted. */
export async function prepare({ dependencies, limit, task }) {
  const redis = await startRedis();
  const connection = new Redis(redis.port, '127.0.0.1', { maxRetriesPerRequest: null });
  const { roots, ended } = countdown(dependencies);
  const queue = new Queue('sessions', { connection });
  const worker = new Worker('sessions', job => task(job.data), { connection, concurrency: limit });
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
  const add = indices =>
    queue.addBulk(indices.map(index => ({ name: 's', data: index, opts: { removeOnComplete: true } })));
  return {
    run: () =>
      new Promise((resolve, reject) => {
        let left = dependencies.length;
        worker.on('error', reject).on('failed', (_, error) => reject(error));
        worker.on('completed', job => {
          left -= 1;
          const next = ended(job.data);
          if (next.length > 0) add(next).catch(reject);
          if (left === 0) resolve();
        });
        add(roots).catch(reject);
      }),
    async close() {
      await worker.close();
      await queue.close();
      connection.disconnect();
      await redis.close();
    },
  };
}
