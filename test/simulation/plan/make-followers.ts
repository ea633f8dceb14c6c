import type { Random } from '../random.ts';
import type { Plan, PlannedFault, PlannedFollower, PlannedVisit } from './plan.ts';

/** What a plan has that somebody follows. */
type Followed = Pick<Plan, 'followers' | 'socketBytes'> & { readonly more: readonly PlannedFault[] };

/** In few seeds somebody follows the group: an open stream has timers, each of which is a step of the run. */
export function makeFollowers(random: Random, untilMs: number): Followed {
  if (!random.chance(0.15)) return { more: [] };
  const followers = Array.from({ length: random.int(1, 2) }, (_, index) =>
    makeFollower(random.of(index), untilMs),
  );
  const bytes = random.chance(0.4) ? { socketBytes: random.pick([200, 2_000]) } : {};
  if (random.chance(0.5)) return { followers, ...bytes, more: [] };
  return { followers: [...followers, STAYING], ...bytes, more: [makeCrash(random.of('crash'))] };
}

/** There when the owner dies. */
const STAYING: PlannedFollower = {
  via: 'http',
  fromSeq: 0,
  visits: [
    { afterMs: 0, forMs: 12_000, server: 4 },
    { afterMs: 300, forMs: 12_000, server: 2 },
  ],
};

function makeCrash(random: Random): PlannedFault {
  return {
    kind: 'crash at the disk',
    operation: 'write',
    file: 'journal.ndjson',
    nth: random.int(2, 30),
    moment: random.pick(['before', 'after', 'torn', 'torn']),
    reaperMs: 0,
  };
}

function makeFollower(random: Random, untilMs: number): PlannedFollower {
  return {
    via: random.chance(0.65) ? 'http' : 'control',
    fromSeq: random.pick([0, 0, 0, 0, 4, 30, 100_000]),
    visits: Array.from({ length: random.int(1, 6) }, (_, index) => makeVisit(random.of(index), untilMs)),
  };
}

function makeVisit(random: Random, untilMs: number): PlannedVisit {
  return {
    afterMs: random.pick([0, 0, 1, 300, 2_500, random.int(0, untilMs / 3)]),
    forMs: random.weigh([
      [1, 0],
      [3, 700],
      [4, 4_000],
      [2, 16_000],
      [1, 45_000],
    ]),
    server: random.pick<PlannedVisit['server']>(['owner', 2, 4]),
    ...(random.chance(0.25) ? { readMs: random.pick([1, 40, 900]) } : {}),
    ...(random.chance(0.4) ? { lostAfter: random.int(0, random.pick([1_000, 6_000, 6_000, 20_000])) } : {}),
  };
}
