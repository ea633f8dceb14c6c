import type { Plan, PlannedRun, PlannedSession } from './plan.ts';

/**
 * Makes a plan smaller for as long as what remains still fails: fewer steps, sessions, callers, faults and settings.
 *
 * @param fails whether a smaller plan shows the same failure.
 * @param mostTries how many plans to try.
 */
export async function shrink(
  plan: Plan,
  fails: (plan: Plan) => Promise<boolean>,
  mostTries = 600,
): Promise<Plan> {
  let smallest = plan;
  let tries = 0;
  const pass = async (smaller: Way): Promise<boolean> => {
    let found = false;
    for (let again = true; again; ) {
      again = false;
      for (const candidate of smaller(smallest)) {
        tries += 1;
        if (tries > mostTries) return false;
        if (!(await fails(candidate))) continue;
        smallest = candidate;
        found = again = true;
        break;
      }
    }
    return found;
  };
  for (let found = true; found; ) {
    found = false;
    for (const way of WAYS) found = (await pass(way)) || found;
  }
  return smallest;
}

/** Plans that are a little smaller in one respect, the boldest first. */
type Way = (plan: Plan) => Iterable<Plan>;

const WAYS: readonly Way[] = [
  function* ending(plan) {
    if (plan.settles) yield { ...plan, settles: false };
    if (plan.retries > 0) yield { ...plan, retries: 0 };
    for (const person of fewer(plan.person)) yield { ...plan, person };
  },
  function* alone({ neighbour, ...plan }) {
    if (neighbour !== undefined) yield plan;
  },
  function* sessions(plan) {
    for (const kept of fewer(plan.definition.sessions)) {
      if (kept.length > 0) yield withSessions(plan, new Set(kept.map(({ id }) => id)));
    }
  },
  function* faults(plan) {
    for (const left of fewer(plan.faults)) yield { ...plan, faults: left };
  },
  function* actions(plan) {
    for (const left of fewer(plan.actions)) yield { ...plan, actions: left };
  },
  function* followers({ socketBytes, ...plan }) {
    const { followers = [] } = plan;
    if (socketBytes !== undefined) yield plan;
    const bytes = socketBytes === undefined ? {} : { socketBytes };
    for (const left of fewer(followers)) yield { ...plan, ...bytes, followers: left };
    for (const [index, follower] of followers.entries()) {
      for (const visits of fewer(follower.visits)) {
        yield { ...plan, ...bytes, followers: followers.with(index, { ...follower, visits }) };
      }
    }
  },
  function* looks(plan) {
    for (const name of ['http', 'disk', 'control'] as const) {
      if (plan.looks[name] !== NEVER) yield { ...plan, looks: { ...plan.looks, [name]: NEVER } };
    }
  },
  simplerDelivery,
  simplerHeirs,
  function* runs(plan) {
    for (const [id, runs] of Object.entries(plan.runs)) {
      for (const left of fewer(runs)) yield { ...plan, runs: { ...plan.runs, [id]: left } };
    }
  },
  function* steps(plan) {
    for (const [id, runs] of Object.entries(plan.runs)) {
      for (const [index, run] of runs.entries()) {
        for (const simple of simplerRuns(run)) {
          const after = runs.map((one, at) => (at === index ? simple : one));
          yield { ...plan, runs: { ...plan.runs, [id]: after } };
        }
      }
    }
  },
  simplerSettings,
];

const NEVER = 1_000_000;

/** Without all, without either half, without each one. */
function* fewer<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length === 0) return;
  yield [];
  const half = Math.ceil(items.length / 2);
  if (items.length > 2) {
    yield items.slice(0, half);
    yield items.slice(half);
  }
  if (items.length > 1) for (const gone of items) yield items.filter(item => item !== gone);
}

/** The ids stay, and nothing refers to what is gone. */
function withSessions(plan: Plan, kept: ReadonlySet<string>): Plan {
  const sessions = plan.definition.sessions
    .filter(({ id }) => kept.has(id))
    .map(({ reads, ...session }) => ({
      ...session,
      ...(reads !== undefined && kept.has(reads) ? { reads } : {}),
      dependsOn: session.dependsOn.filter(edge => kept.has(nameOf(edge.session))),
    }));
  const names = ({ args }: Plan['actions'][number]): readonly string[] => {
    const { session, sessions: several = [], change } = args;
    const changed = change && 'session' in change && change.kind !== 'add' ? [change.session] : [];
    return [...(session === undefined ? [] : [session]), ...several, ...changed];
  };
  const added = plan.actions.flatMap(({ args: { change } }) =>
    change?.kind === 'add' ? [change.session.id] : [],
  );
  const known = new Set([...kept, ...added]);
  return {
    ...plan,
    definition: { ...plan.definition, sessions },
    runs: Object.fromEntries(Object.entries(plan.runs).filter(([id]) => known.has(nameOf(id)))),
    actions: plan.actions.filter(action =>
      names(action).every(id => known.has(nameOf(id)) || id === 'nobody'),
    ),
  };
}

/** Of a session of a fan-out, the name of that. */
const nameOf = (id: string): string => id.replace(/\..*/, '');

function* simplerDelivery(plan: Plan): Generator<Plan> {
  const { delivery } = plan;
  if (!delivery) return;
  for (const setups of fewer(delivery.setups)) yield { ...plan, delivery: { ...delivery, setups } };
  for (const [id, commands] of Object.entries(delivery.checks)) {
    for (const left of fewer(commands)) {
      yield { ...plan, delivery: { ...delivery, checks: { ...delivery.checks, [id]: left } } };
    }
  }
}

function* simplerHeirs(plan: Plan): Generator<Plan> {
  for (const heirs of fewer(plan.heirs)) yield { ...plan, heirs };
  for (const [index, heir] of plan.heirs.entries()) {
    const { afterMs, via, verb } = heir;
    if (Object.keys(heir).length === 3) continue;
    const heirs = plan.heirs.map((one, at) => (at === index ? { afterMs, via, verb } : one));
    yield { ...plan, heirs };
  }
}

function* simplerRuns(run: PlannedRun): Generator<PlannedRun> {
  for (const steps of fewer(run.steps)) yield { ...run, steps };
  const { odd, finishes, tellsAtStop, leaves, ...plain } = run;
  if (odd !== undefined || finishes || tellsAtStop || leaves) yield plain;
  if (run.ignores > 0) yield { ...run, ignores: 0 };
  if (run.startMs > 0) yield { ...run, startMs: 0 };
  if (run.stopMs > 0) yield { ...run, stopMs: 0 };
  if (run.end.is !== 'done') yield { ...run, end: { is: 'done' } };
}

function* simplerSettings(plan: Plan): Generator<Plan> {
  const { definition } = plan;
  const { limitMicroUsd, ...unlimited } = definition;
  if (limitMicroUsd !== undefined) yield { ...plan, definition: unlimited };
  if (definition.errorThreshold < 1_000)
    yield { ...plan, definition: { ...definition, errorThreshold: 1_000 } };
  const { retry } = definition;
  if (retry.maximumAttempts > 1) {
    yield { ...plan, definition: { ...definition, retry: { ...retry, maximumAttempts: 1 } } };
  }
  for (const [index, session] of definition.sessions.entries()) {
    const { estimateMs, limitMicroUsd: own, ...rest } = session;
    const { forEach = [] } = session;
    const shorter = [...fewer(forEach)].filter(({ length }) => length > 0);
    const simpler = [
      ...shorter.map(values => ({ ...session, forEach: values })),
      ...(estimateMs !== undefined || own !== undefined ? [rest] : []),
      ...(session.priority !== 0 ? [{ ...session, priority: 0 }] : []),
      ...(session.allowFailure ? [{ ...session, allowFailure: false }] : []),
      ...(session.dependsOn.length > 0 ? [withoutEdges(session)] : []),
      ...(session.resumes ? [] : [{ ...session, resumes: true }]),
    ];
    for (const one of simpler) {
      const sessions = definition.sessions.map((before, at) => (at === index ? one : before));
      yield { ...plan, definition: { ...definition, sessions } };
    }
  }
  if (plan.durability === 'power' && !plan.faults.some(({ kind }) => kind === 'power cut')) {
    yield { ...plan, durability: 'process' };
  }
}

function withoutEdges({ reads: _, ...session }: PlannedSession): PlannedSession {
  return { ...session, dependsOn: [] };
}
