import type { Via } from '../history.ts';
import type { Random } from '../random.ts';
import { makeSession } from './make-definition.ts';
import { makeRuns } from './make-runs.ts';
import type { Moment, Plan, PlannedAction, PlannedRun, PlannedSession } from './plan.ts';

/** Values whose ids are easily told. `CLASHING` has the slug of the first of them. */
const VALUES = ['Web App', 'api', 'docs', 'packages/ui', 'core', 'cli', 'db', 'auth', 'jobs'] as const;
const CLASHING = 'web-app';

const AUDIT = 'audit';
const FIX = 'fix';
const REPORT = 'report';
/** When most groups have settled. */
const LATE_MS = [600_000, 3_600_000, 36_000_000] as const;
/** Within which people ask for something. */
const EVENTS = ['session_failed', 'session_started', 'group_paused'] as const;

/**
 * One of a dozen plans runs a session for each value of a list, some of which fail, and one that reads what has become of
 * all of them; perhaps another fan-out follows it value by value. People hold, retry and change it by its name.
 */
export function withFanOut(random: Random, plan: Plan): Plan {
  if (plan.delivery || !random.chance(1 / 12)) return plan;
  const values = VALUES.slice(0, random.int(1, random.chance(0.2) ? VALUES.length : 4));
  const edgeTo = (session: string) => ({
    session,
    when: random.pick(['completed', 'settled', 'settled', 'failed'] as const),
  });
  const make = (id: string, more: Partial<PlannedSession>): PlannedSession => ({
    ...makeSession(random.of('session', id), 0, 3),
    id,
    ...more,
  });
  const audit = make(AUDIT, { forEach: values });
  const follows = random.chance(0.3);
  const fix = make(FIX, { forEach: values, dependsOn: [edgeTo(`${AUDIT}.{{ each }}`)] });
  const report = make(REPORT, { dependsOn: [edgeTo(AUDIT)], reads: AUDIT });
  const names = follows ? [AUDIT, FIX] : [AUDIT];
  const ids = [...names.flatMap(name => [...values, CLASHING].map(value => idOf(name, value))), REPORT];
  const mood = { failures: random.pick([0.1, 0.3, 0.6]), oddities: 0, rules: [] };
  const runs = ids.map((id): [string, PlannedRun[]] => [id, makeRuns(random.of('runs', id), mood)]);
  return {
    ...plan,
    definition: {
      ...plan.definition,
      respectDependencies: true,
      maxPerProject: random.int(1, 4),
      sessions: [...plan.definition.sessions, report, ...(follows ? [fix] : []), audit],
    },
    runs: { ...plan.runs, ...Object.fromEntries(runs) },
    actions: [...plan.actions, ...makeRequests(random.of('requests'), values, names)],
  };
}

/** The id of a value that has its slug for itself. */
const idOf = (name: string, value: string): string =>
  `${name}.${value.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;

function makeRequests(random: Random, values: readonly string[], names: readonly string[]): PlannedAction[] {
  return Array.from({ length: random.int(1, 4) }, (_, index): PlannedAction => {
    const of = random.of(index);
    const at: Moment = of.chance(0.3)
      ? { event: of.pick(EVENTS), nth: of.int(1, 2) }
      : { ms: of.pick([0, of.int(0, 6_000), of.int(0, 60_000)]) };
    const via = 'event' in at ? 'handle' : of.pick<Via>(['handle', 'handle', 'control']);
    const name = names[of.int(0, names.length - 1)] ?? AUDIT;
    const ask = (verb: PlannedAction['verb'], args: PlannedAction['args']): PlannedAction => ({
      ...{ at, process: via === 'handle' ? 'owner' : 1, via, verb, args },
    });
    return of.weigh<PlannedAction>([
      [3, { ...ask('retry', { sessions: [name] }), at: { ms: of.pick([20_000, ...LATE_MS]) } }],
      [2, ask('pauseSession', { session: name })],
      [2, ask('resumeSession', { session: name })],
      [4, ask('update', { change: { kind: 'values', values: others(of, values) } })],
    ]);
  });
}

/** At least one value comes or goes, and the order of the others changes. */
function others(random: Random, values: readonly string[]): string[] {
  const gone = random.chance(0.4) && values.length > 1 ? random.int(0, values.length - 1) : -1;
  const left = values.filter((_, index) => index !== gone).reverse();
  if (gone >= 0 && random.chance(0.5)) return left;
  const more = VALUES.slice(values.length, values.length + random.int(0, 2));
  return [...more, ...left, ...(more.length === 0 || random.chance(0.4) ? [CLASHING] : [])];
}
