import type { Random } from '../random.ts';
import type { Plan, PlannedFollower, PlannedVisit } from './plan.ts';

/** In few seeds somebody follows the group: an open stream has timers, each of which is a step of the run. */
export function makeFollowers(random: Random): Pick<Plan, 'followers' | 'socketBytes'> {
  if (!random.chance(0.15)) return {};
  const followers = Array.from({ length: random.int(1, 2) }, (_, index) => makeFollower(random.of(index)));
  return { followers, ...(random.chance(0.4) ? { socketBytes: random.pick([200, 2_000]) } : {}) };
}

function makeFollower(random: Random): PlannedFollower {
  return {
    via: random.chance(0.65) ? 'http' : 'control',
    fromSeq: random.pick([0, 0, 0, 0, 4, 30, 100_000]),
    visits: Array.from({ length: random.int(1, 6) }, (_, index) => makeVisit(random.of(index))),
  };
}

function makeVisit(random: Random): PlannedVisit {
  return {
    afterMs: random.pick([0, 0, 1, 300, 2_500, 10_000]),
    forMs: random.weigh([
      [1, 0],
      [3, 700],
      [4, 4_000],
      [2, 16_000],
      [1, 45_000],
    ]),
    server: random.pick<PlannedVisit['server']>(['owner', 2, 4]),
    ...(random.chance(0.25) ? { readMs: random.pick([1, 40, 900]) } : {}),
    ...(random.chance(0.25) ? { lostAfter: random.int(0, random.pick([600, 6_000, 40_000])) } : {}),
  };
}
