import { SeveredPort } from '../../support/severed-port.ts';
import { eventually } from '../fleet-bench.ts';
import { type FaultBench, SESSIONS } from './fault-bench.ts';
import { CUT, type FaultRow, WHOLE } from './fault-row.ts';

/** What happens to the process of a group while it does something else than to wait for its sessions. */
export const GROUP_ROWS: readonly FaultRow[] = [
  {
    name: 'it is killed while it pauses, before its agents have ended',
    expected: CUT,
    async happens(bench) {
      await bench.worker();
      bench.run({ agent: ['deaf'] });
      await bench.held(1);
      const pause = bench.command('group', 'pause', '@latest');
      await bench.fleet.until('a', 1, 'asked');
      await bench.killed();
      await pause.ended;
      bench.takenOver();
      await bench.held(2);
      await bench.settled();
    },
  },
  {
    name: 'it is killed when a pause is journalled that its worker has not heard of',
    expected: CUT,
    async happens(bench) {
      const severed = await SeveredPort.to(bench.fleet.redis.port);
      await bench.worker();
      bench.run({ redis: `redis://127.0.0.1:${severed.port}` });
      await bench.held(1);
      severed.sever();
      const pause = bench.command('group', 'pause', '@latest');
      await bench.journalled('group_pausing');
      await bench.killed();
      await pause.ended;
      await severed.close();
      bench.takenOver();
      await bench.held(2);
      await bench.settled();
    },
  },
  {
    name: 'three sessions may be live, and it is killed when an order is journalled that Redis does not have',
    expected: { ...WHOLE, live: SESSIONS.length },
    async happens(bench) {
      const severed = await SeveredPort.to(bench.fleet.redis.port);
      await bench.worker(['--concurrency', '3']);
      const running = bench.run({ redis: `redis://127.0.0.1:${severed.port}` });
      await bench.held(1);
      severed.sever();
      await bench.command('group', 'update', '@latest', bench.definition(SESSIONS.length)).ended;
      await running.says('c: started');
      await bench.killed();
      await severed.close();
      bench.takenOver();
      await bench.fleet.until('c', 2, 'pay3');
      await bench.settled();
    },
  },
  {
    name: 'it is killed while two agents wait for permissions',
    expected: WHOLE,
    async happens(bench) {
      await bench.worker();
      bench.run({ kind: 'asking' });
      for (const id of ['a', 'b']) await bench.fleet.until(id, 1, 'ask');
      await bench.killed();
      bench.takenOver();
      for (const id of SESSIONS) await bench.allowed(id);
      await bench.settled();
    },
  },
  {
    name: 'it is killed while a worker carries out two checks',
    expected: { ...WHOLE, checks: 5 },
    async happens(bench) {
      await bench.worker();
      bench.run({ trees: 'checked' });
      bench.fleet.openGate();
      await eventually(() => bench.checks().length === 2);
      await bench.killed();
      bench.takenOver();
      bench.passed();
      await bench.settled();
    },
  },
  {
    name: 'it is killed when checks that were lost with their worker wait for another one',
    expected: { ...WHOLE, checks: 5 },
    happens: bench => checksInQueue(bench),
  },
];

/** Its process is killed when two checks are in the queue, and the next one orders them, too. @param bin of who takes them. */
export async function checksInQueue(bench: FaultBench, bin?: string): Promise<void> {
  const first = await bench.worker();
  bench.run({ trees: 'checked' });
  bench.fleet.openGate();
  await eventually(() => bench.checks().length === 2);
  const second = await bench.worker(['--lease', '60s'], {}, bin);
  second.process.kill('SIGSTOP');
  first.process.kill('SIGKILL');
  await bench.queued(2);
  await bench.killed();
  bench.takenOver();
  await bench.queued(4);
  second.process.kill('SIGCONT');
  bench.passed();
  await bench.settled();
}
