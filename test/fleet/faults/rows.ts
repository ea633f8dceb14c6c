import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { SeveredPort } from '../../support/severed-port.ts';
import type { FaultBench, Figures } from './fault-bench.ts';

/** What happens to a group in the middle of its work, and what is to be seen of that. */
export interface FaultRow {
  readonly name: string;
  /** Also in each run of all tests; the others take longer, or are like these. */
  readonly always?: true;
  /** Default: all three sessions complete, and those that were cut began one step again. */
  readonly expected?: Partial<Figures>;
  readonly happens: (bench: FaultBench) => Promise<void>;
}

/** Both sessions that were live were cut in their third step, and went on in a second attempt. */
const CUT = { attempts: 5, cut: 2 };
/** Nothing was cut. */
const WHOLE = { attempts: 3, cut: 0 };

export const ROWS: readonly FaultRow[] = [
  {
    name: 'nothing',
    expected: WHOLE,
    async happens(bench) {
      await bench.worker();
      bench.run();
      await bench.held(1);
      await bench.settled();
    },
  },
  {
    name: 'the worker is killed',
    always: true,
    expected: CUT,
    async happens(bench) {
      const first = await bench.worker();
      bench.run();
      await bench.held(1);
      await bench.worker();
      first.process.kill('SIGKILL');
      await bench.held(2);
      await bench.settled();
    },
  },
  {
    name: 'the worker stands still for longer than its lease, and goes on',
    always: true,
    expected: CUT,
    async happens(bench) {
      const first = await bench.worker();
      bench.run();
      await bench.held(1);
      await bench.worker();
      first.process.kill('SIGSTOP');
      await bench.held(2);
      first.process.kill('SIGCONT');
      await bench.settled();
    },
  },
  {
    name: 'the worker is cut off from Redis, without a word',
    always: true,
    expected: CUT,
    async happens(bench) {
      const severed = await SeveredPort.to(bench.fleet.redis.port);
      await bench.worker([], { SESSION_GROUPS_REDIS: `redis://127.0.0.1:${severed.port}` });
      bench.run();
      await bench.held(1);
      severed.sever();
      await bench.worker();
      await bench.held(2);
      severed.mend();
      await bench.settled();
      await severed.close();
    },
  },
  {
    name: 'the worker is drained',
    always: true,
    expected: CUT,
    async happens(bench) {
      const first = await bench.worker();
      bench.run();
      await bench.held(1);
      await bench.worker();
      first.process.kill('SIGTERM');
      await first.ended;
      await bench.held(2);
      await bench.settled();
    },
  },
  {
    name: 'the process of the group is killed while its sessions run',
    always: true,
    expected: WHOLE,
    async happens(bench) {
      await bench.worker();
      bench.run();
      await bench.held(1);
      await bench.killed();
      await bench.resumed();
    },
  },
  {
    name: 'it is killed, and two sessions end while nobody listens',
    always: true,
    expected: WHOLE,
    async happens(bench) {
      await bench.worker();
      bench.run();
      await bench.held(1);
      await bench.killed();
      await bench.ended(2);
      await bench.resumed();
    },
  },
  {
    name: 'it and the worker are killed together',
    expected: CUT,
    async happens(bench) {
      const first = await bench.worker();
      bench.run();
      await bench.held(1);
      first.process.kill('SIGKILL');
      await bench.killed();
      await bench.worker();
      await bench.resumed();
    },
  },
  {
    name: 'it is killed while it stops, before its agents have ended',
    expected: { attempts: 2, cut: 0, completed: 0 },
    async happens(bench) {
      await bench.worker();
      bench.run(['deaf']);
      await bench.held(1);
      const stop = bench.command('group', 'stop', '@latest');
      await bench.fleet.until('a', 1, 'asked');
      await bench.killed();
      await stop.ended;
      await bench.command('group', 'stop', '@latest').ended;
      for (const id of ['a', 'b']) await bench.fleet.dead(id, 1);
    },
  },
  {
    name: 'Redis is killed, and started within the lease',
    expected: WHOLE,
    async happens(bench) {
      const worker = await bench.worker(['--lease', '60s']);
      bench.run();
      await bench.held(1);
      await bench.fleet.redis.kill();
      await worker.says('cannot be reached');
      await bench.fleet.redis.start();
      await bench.settled();
    },
  },
  {
    name: 'Redis is away for longer than the lease',
    always: true,
    expected: CUT,
    async happens(bench) {
      await bench.worker();
      bench.run();
      await bench.held(1);
      await bench.fleet.redis.kill();
      for (const id of ['a', 'b']) await bench.fleet.dead(id, 1);
      await bench.fleet.redis.start();
      await bench.held(2);
      await bench.settled();
    },
  },
  {
    name: 'Redis loses its data',
    expected: CUT,
    async happens(bench) {
      await bench.worker();
      bench.run();
      await bench.held(1);
      await bench.fleet.redis.kill();
      rmSync(join(bench.fleet.redis.folder, 'appendonlydir'), { recursive: true });
      await bench.fleet.redis.start();
      await bench.held(2);
      await bench.settled();
    },
  },
  {
    name: 'no worker serves the pool, and one comes later',
    expected: WHOLE,
    async happens(bench) {
      const running = bench.run();
      await running.says('b: started');
      await bench.worker();
      await bench.held(1);
      await bench.settled();
    },
  },
  {
    name: 'control: the worker stands still, and nothing guards its agents',
    always: true,
    expected: { overlapMs: Number.NaN },
    async happens(bench) {
      const first = await bench.fleet.unguardedWorker(2);
      bench.run();
      await bench.held(1);
      first.kill('SIGSTOP');
      await bench.worker();
      await bench.held(2);
      await bench.settled();
    },
  },
];
