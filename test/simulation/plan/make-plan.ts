import type { Via } from '../history.ts';
import { Random } from '../random.ts';
import { makeActions } from './make-actions.ts';
import { makeDefinition } from './make-definition.ts';
import { delivering } from './make-delivery.ts';
import { withFanOut } from './make-fan-out.ts';
import { makeDeletionFaults, makeFaults, makeHeirs } from './make-faults.ts';
import { makeFollowers } from './make-followers.ts';
import { makeNeighbour } from './make-neighbour.ts';
import { withRefusal } from './make-refusal.ts';
import { makeMood, makeRuns } from './make-runs.ts';
import { withCut, withHold, withMessages, withScene } from './make-scene.ts';
import type { Heir, PersonsAnswer, Plan } from './plan.ts';

/** What a seed means. */
export function makePlan(seed: number): Plan {
  const random = new Random(seed);
  const definition = makeDefinition(random.of('definition'));
  const mood = makeMood(random.of('mood'));
  const untilMs = random.of('until').pick([8_000, 60_000, 600_000]);
  const actions = makeActions(random.of('actions'), definition, untilMs);
  const added = actions.flatMap(({ args: { change } }) =>
    change?.kind === 'add' ? [change.session.id] : [],
  );
  const ids = [...definition.sessions.map(({ id }) => id), ...added];
  const durability = random.of('durability').chance(0.2) ? 'power' : 'process';
  const looks = random.of('looks');
  const deletes = actions.some(({ verb }) => verb === 'delete');
  const heirs = makeHeirs(random.of('heirs'));
  const { more, ...followed } = makeFollowers(random.of('followers'), untilMs);
  const scene = withScene(random.of('scene'), {
    seed,
    definition,
    durability,
    snapshotEvery: random.of('snapshots').pick([500, 4_000, 1_048_576]),
    runs: Object.fromEntries(ids.map(id => [id, makeRuns(random.of('runs', id), mood)])),
    actions,
    faults: [
      ...makeFaults(random.of('faults'), untilMs, durability === 'power'),
      ...(deletes ? makeDeletionFaults(random.of('deletion')) : []),
      ...more,
    ],
    heirs: deletes && random.of('heir').chance(0.4) ? heirs.map(deleting) : heirs,
    person: makePerson(random.of('person')),
    retries: random.of('retries').pick([0, 0, 1, 2]),
    looks: { control: looks.int(9, 40), http: looks.int(20, 80), disk: looks.int(7, 30) },
    settles: random.of('settles').chance(0.6),
    ...makeNeighbour(random.of('neighbour')),
    ...followed,
  });
  const given = delivering(withCut(random.of('cut'), scene), random.of('delivery'));
  const refused = withRefusal(random.of('refusal'), given);
  if (refused !== given) return refused;
  const steered = withMessages(random.of('messages'), withHold(random.of('hold'), given));
  return { ...withFanOut(random.of('fan-out'), steered), ...makeStore(random.of('store')) };
}

/** One of sixteen plans has an asynchronous store. */
function makeStore(random: Random): Pick<Plan, 'writeMs'> {
  if (!random.chance(1 / 16)) return {};
  return { writeMs: random.pick([[0], [0], [0, 3]]) };
}

const deleting = ({ afterMs, via }: Heir): Heir => ({ afterMs, via, verb: 'delete' });

function makePerson(random: Random): PersonsAnswer[] {
  return Array.from({ length: random.int(0, 8) }, (_, index) => {
    const of = random.of(index);
    return {
      afterMs: of.pick([0, 0, 300, 5_000, 60_000]),
      via: of.pick<Via>(['handle', 'handle', 'control', 'http']),
      decision: of.pick(['allow', 'allow', 'deny', 'ignores']),
    };
  });
}
