import { expect, test } from 'vitest';
import { Random } from '../simulation/random.ts';
import { delay, scripted } from '../support/bench.ts';
import { runs } from '../support/runs.ts';
import { faultyFleet } from './faulty-fleet.ts';
import { type FleetBench, fleetBench } from './group-bench.ts';

/*
 * Groups over a fleet of which everything is slow, gives no answer, or dies, as a seed decides: SEED=17 runs that one,
 * SEEDS=1000 so many.
 */

const LEASE_MS = 3_000;
const seeds = process.env.SEED
  ? [Number(process.env.SEED)]
  : Array.from({ length: Number(process.env.SEEDS ?? runs(40)) }, (_, seed) => seed);

test.each(seeds)(
  'no attempt without an end, none beside another of its session, no more than may live: seed %i',
  {
    timeout: 120_000,
  },
  async seed => {
    const random = new Random(seed);
    const fleet = fleetBench({
      leaseMs: LEASE_MS,
      faultsOn: clock => faultyFleet(random.of('faults'), clock),
    });
    const plan = random.of('plan');
    const cap = plan.int(1, 3);
    const ids = Array.from({ length: plan.int(2, 5) }, (_, i) => `s${i}`);
    const sessions = ids.map(id => scripted(id, [...workOf(plan), { result: id }]));
    const workers = [fleet.worker('w0', 2)];
    const group = await fleet.group(sessions, { concurrency: { maxConcurrent: cap } });
    const handles = [group];
    const going = (asked: Promise<unknown>) => void asked.catch(() => {});
    going(group.run());
    for (let act = plan.int(2, 6); act > 0; act -= 1) {
      await fleet.pass(plan.int(50, 2_500));
      const [worker, current] = [workers.at(-1), handles.at(-1)];
      const is = plan.int(0, 5);
      if (is === 0) worker?.cutOff();
      else if (is === 1) worker?.drain();
      else if (is === 2) going(current?.pause() ?? Promise.resolve());
      else if (is === 3) {
        await fleet.die();
        await fleet.pass(plan.int(0, 4_000));
        const next = await fleet.open();
        handles.push(next);
        going(next.resume());
      } else if (is === 4) going(current?.resume() ?? Promise.resolve());
      workers.push(
        fleet.worker(
          `w${workers.length}`,
          plan.int(1, 2),
          plan.chance(0.7) ? `at${plan.int(0, 1)}` : undefined,
        ),
      );
    }
    workers.push(fleet.worker('last', 4));
    const last = handles.at(-1) ?? group;
    for (let turn = 0; turn < 200 && last.getProgress().status !== 'completed'; turn += 1) {
      if (last.getProgress().status === 'paused') going(last.resume());
      await fleet.pass(2_000);
    }
    expect(last.getProgress().sessions.map(({ id, status }) => `${id} ${status}`)).toEqual(
      ids.map(id => `${id} completed`),
    );
    judge(fleet, { ids, cap });
    const completed = (await fleet.records()).flatMap(record =>
      record.type === 'session_completed' ? [record.sessionId] : [],
    );
    expect(completed.sort()).toEqual(ids);
  },
);

const workOf = (plan: Random) =>
  Array.from({ length: plan.int(1, 4) }, (_, step) => [
    { text: `step ${step}` },
    delay(plan.int(10, 1_500)),
  ]).flat();

/** By what the agents have seen themselves. */
function judge(
  { log }: FleetBench,
  { ids, cap }: { readonly ids: readonly string[]; readonly cap: number },
): void {
  for (const { spec, overAt, events } of log) {
    expect(overAt, `the end of ${spec.sessionId} ${spec.attempt}`).toBeDefined();
    expect(events.filter(({ type }) => type === 'ended')).toHaveLength(1);
  }
  for (const id of ids) {
    const own = log.filter(({ spec }) => spec.sessionId === id);
    for (const [i, { begunAt }] of own.entries())
      if (i > 0) expect(own[i - 1]?.overAt, `${id} overlaps`).toBeLessThanOrEqual(begunAt);
  }
  for (const { begunAt } of log) {
    const live = log.filter(
      one => one.begunAt <= begunAt && begunAt < (one.overAt ?? Number.POSITIVE_INFINITY),
    );
    expect(live.length).toBeLessThanOrEqual(cap);
  }
}
