// Workers of a fleet in one process: node worker-process.mjs OPTIONS, which are JSON: port, workers, concurrency, folder.
// It tells its parent once all of them serve, and answers each message with what it has used so far.
import { join } from 'node:path';
import { peakMb } from '../measure.mjs';
import { product } from '../product.mjs';
import { FLEET_AGENTS } from './agents.mjs';

const { createPoolWorker } = await product('bullmq.js');
const { port, workers, concurrency, folder } = JSON.parse(process.argv[2]);
const serving = Array.from(
  { length: workers },
  (_, i) =>
    new Promise((onServing, reject) => {
      const worker = createPoolWorker({
        ...{ redis: `redis://127.0.0.1:${port}`, concurrency, onServing },
        ...{ agents: FLEET_AGENTS, kinds: [...Object.keys(FLEET_AGENTS), 'command'] },
        folder: join(folder, String(i)),
      });
      worker.run().catch(reject);
    }),
);
await Promise.all(serving);
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send({ us: user + system, mb: peakMb() });
});
process.once('disconnect', () => process.exit());
process.send('serving');
