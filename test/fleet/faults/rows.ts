import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { PROTOCOL } from '../../../src/fleet/protocol.ts';
import { patchedCli } from '../../cli/built-cli.ts';
import { SeveredPort } from '../../support/severed-port.ts';
import type { FaultBench } from './fault-bench.ts';
import { CUT, type FaultRow, WHOLE } from './fault-row.ts';
import { checksInQueue, GROUP_ROWS } from './group-rows.ts';

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
      bench.run({ agent: ['deaf'] });
      await bench.held(1);
      const stop = bench.command('group', 'stop', '@latest');
      await bench.fleet.until('a', 1, 'asked');
      await bench.killed();
      await stop.ended;
      await bench.command('group', 'stop', '@latest').ended;
      for (const id of ['a', 'b']) await bench.fleet.dead(id, 1);
    },
  },
  ...GROUP_ROWS,
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
    name: 'Redis ends and is started again while nobody listens, and two sessions have ended',
    expected: WHOLE,
    async happens(bench) {
      await bench.worker(['--lease', '60s']);
      bench.run();
      await bench.held(1);
      await bench.killed();
      await bench.ended(2);
      await bench.fleet.redis.stop();
      await bench.fleet.redis.start();
      await bench.resumed();
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
    name: 'the worker is drained, and one on another machine makes the trees again',
    expected: CUT,
    async happens(bench) {
      const first = await bench.worker();
      bench.run({ trees: 'plain' });
      await bench.held(1);
      await bench.workerElsewhere();
      first.process.kill('SIGTERM');
      await first.ended;
      await bench.held(2);
      await bench.settled();
    },
  },
  {
    name: 'the worker is killed, and one on another machine makes the trees again: what was not saved is lost',
    expected: { ...CUT, paidAgain: 4 },
    async happens(bench) {
      const first = await bench.worker();
      bench.run({ trees: 'plain' });
      await bench.held(1);
      await bench.workerElsewhere();
      first.process.kill('SIGKILL');
      await bench.held(2);
      await bench.settled();
    },
  },
  ...['previous', 'next'].map(which => ({
    name: `the worker has the ${which} version of the protocol and refuses, and the sessions are retried with one of this version`,
    expected: WHOLE,
    async happens(bench: FaultBench) {
      const theirs = PROTOCOL + (which === 'next' ? 1 : -1);
      const patched = patchedCli('fleet/protocol.js', `PROTOCOL = ${PROTOCOL}`, `PROTOCOL = ${theirs}`);
      try {
        const worker = await bench.worker([], {}, patched.bin);
        const run = bench.run();
        await run.ended;
        const reason = `its group speaks version ${PROTOCOL} of the protocol, this worker ${theirs}`;
        for (const text of [run.err(), worker.err()]) expect(text).toContain(reason);
        expect(bench.fleet.signs()).toEqual([]);
        worker.process.kill('SIGTERM');
        await worker.ended;
      } finally {
        patched.remove();
      }
      await bench.worker();
      bench.retried();
      await bench.held(1);
      await bench.settled();
    },
  })),
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
  {
    name: 'control: the same checks wait, and nothing fences those of the process that was killed',
    expected: { ...WHOLE, checks: 7 },
    async happens(bench) {
      const unfenced = patchedCli('fleet/redis/scripts.js', 'epoch < fence or', '');
      try {
        await checksInQueue(bench, unfenced.bin);
      } finally {
        unfenced.remove();
      }
    },
  },
];
