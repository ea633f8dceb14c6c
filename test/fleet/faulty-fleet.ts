import type { Channel } from '../../src/fleet/channel.ts';
import type { ServedPool } from '../../src/fleet/placement.ts';
import { type Clock, sleep } from '../../src/sdk/clock.ts';
import type { Random } from '../simulation/random.ts';
import type { FleetFaults } from './group-bench.ts';

/** How likely faults are: that something takes its time, and that there is no answer, before and after it has happened. */
interface FaultsPlan {
  readonly late: number;
  readonly unanswered: number;
  /** That what a worker reads of an order does not come for longer than it waits. */
  readonly silent: number;
}

const SILENT_MS = 4_000;

/**
 * A fleet whose answers take their time, and sometimes do not come: of a renewal, of a report, of what a worker is told. What
 * happens before that may have happened all the same.
 */
export function faultyFleet(
  random: Random,
  clock: Clock,
  { late, unanswered, silent }: FaultsPlan = { late: 0.3, unanswered: 0.05, silent: 0.03 },
): FleetFaults {
  const later = () =>
    new Promise<void>(resolve => {
      if (!random.chance(late)) resolve();
      else clock.setTimeout(resolve, random.int(1, 120));
    });
  const slow = async <T>(act: () => Promise<T>): Promise<T> => {
    await later();
    const answer = await act();
    await later();
    return answer;
  };
  const perhapsSilent = async <T>(act: () => Promise<T>): Promise<T> => {
    if (random.chance(silent)) await sleep(clock, SILENT_MS);
    return act();
  };
  const odd = async <T>(act: () => Promise<T>): Promise<T> => {
    const [never, unheard] = [random.chance(unanswered), random.chance(unanswered)];
    if (never) throw new Error('no answer');
    const answer = await slow(act);
    if (unheard) throw new Error('no answer');
    return answer;
  };
  return {
    placement: placement => {
      const serve = async (pool: string, worker: string): Promise<ServedPool> => {
        const served = await placement.serve(pool, worker);
        return {
          close: () => served.close(),
          take: async signal => {
            const lease = await served.take(signal);
            if (!lease) return undefined;
            await later();
            return {
              ...lease,
              renew: () => odd(() => lease.renew()),
              giveBack: () => odd(() => lease.giveBack()),
            };
          },
        };
      };
      return {
        serve,
        place: (...args) => slow(() => placement.place(...args)),
        takeBack: order => slow(() => placement.takeBack(order)),
        standing: order => odd(() => placement.standing(order)),
        leases: orders => odd(() => placement.leases(orders)),
        watch: (...args) => placement.watch(...args),
        forget: order => odd(() => placement.forget(order)),
        close: () => placement.close(),
      };
    },
    channel: (channel): Channel => ({
      report: (...args) => odd(() => channel.report(...args)),
      fence: writer => slow(() => channel.fence(writer)),
      reports: (...args) => channel.reports(...args),
      forget: (...args) => odd(() => channel.forget(...args)),
      tell: (...args) => slow(() => channel.tell(...args)),
      told: (...args) => channel.told(...args),
      put: (...args) => slow(() => channel.put(...args)),
      get: (...args) => slow(() => perhapsSilent(() => channel.get(...args))),
      end: group => channel.end(group),
      hasEnded: group => channel.hasEnded(group),
      close: () => channel.close(),
    }),
  };
}
