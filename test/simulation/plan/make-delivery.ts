import type { SimulatedDelivery, Via } from '../history.ts';
import type { Random } from '../random.ts';
import type {
  Plan,
  PlannedAction,
  PlannedCommand,
  PlannedFault,
  PlannedRun,
  PlannedSession,
} from './plan.ts';

const SHARE = 0.15;

const STEPS = [
  ...[
    'prepare',
    'restore',
    'checkpoint',
    'planResult',
    'takeResult',
    'planMerge',
    'takeMerge',
    'putConflict',
  ],
  ...['advance', 'planDelivery', 'deliver', 'release', 'standing', 'look', 'archive', 'planWorkspace'],
] as const;

const EVENTS = [
  ...['workspace_ready', 'session_verifying', 'session_verified', 'session_integrated', 'session_conflict'],
  ...['group_delivering', 'delivery_refused', 'group_delivered', 'workspace_removed'],
] as const;

const RESTS = ['group_completed', 'group_failed', 'group_stopped', 'group_paused'] as const;

/** In a share of the seeds, the group delivers: its sessions work in trees, are checked, and are merged. */
export function delivering(given: Plan, random: Random): Plan {
  if (!random.chance(SHARE)) return given;
  const plan = random.of('calm').chance(0.75) ? calm(given, random.of('calmer')) : given;
  const delivery = makeSettings(random.of('settings'));
  const repositories = random.of('repositories').int(1, 2);
  const placed = (session: PlannedSession): PlannedSession => {
    if (!delivery.trees) return session;
    const repository = `p${random.of('repository', session.id).int(0, repositories - 1)}`;
    return { ...session, project: session.id, repository };
  };
  const sessions = plan.definition.sessions.map(placed);
  const ids = Object.keys(plan.runs);
  const until = Math.max(8_000, ...plan.actions.map(({ at }) => ('ms' in at ? at.ms : 0)));
  return {
    ...plan,
    definition: { ...plan.definition, delivery, sessions },
    runs: Object.fromEntries(
      Object.entries(plan.runs).map(([id, runs]) => [
        id,
        runs.map((run, at) => writing(run, random.of(id, at))),
      ]),
    ),
    actions: [
      ...plan.actions.flatMap(action => stillPossible(action, placed)),
      ...makeMore(random.of('more'), ids),
    ],
    faults: [...plan.faults, ...makeFaults(random.of('faults'), ids, until), ...inDelivery(random.of('in'))],
    delivery: {
      stepMs: random.of('step').pick([0, 10, 10, 700]),
      checks: Object.fromEntries(
        [...ids, '_delivery'].map(id => [id, makeCommands(random.of('checks', id), 4)]),
      ),
      setups: makeCommands(random.of('setups'), 3),
    },
  };
}

/** Little else goes wrong: much is merged and delivered. */
function calm(plan: Plan, random: Random): Plan {
  const { definition } = plan;
  const { limitMicroUsd: _, ...unlimited } = definition;
  const size = random.int(2, 6);
  const sessions = Array.from({ length: size }, (_, index): PlannedSession => {
    const of = random.of('session', index);
    const isLater = index > 0 && of.chance(0.35);
    const dependsOn = isLater ? [{ session: `s${of.int(0, index - 1)}`, when: 'completed' as const }] : [];
    const given = definition.sessions.find(({ id }) => id === `s${index}`);
    const known = given ?? {
      id: `s${index}`,
      project: 'p0',
      trigger: 'all',
      priority: 0,
      allowFailure: false,
    };
    return { ...known, dependsOn, resumes: true };
  });
  const known = new Set(sessions.map(({ id }) => id));
  const ids = [...new Set([...known, ...Object.keys(plan.runs).filter(id => id.startsWith('n'))])];
  const calmer = (run: PlannedRun, of: Random): PlannedRun => {
    const { odd: _, ...rest } = run;
    const steps = run.steps.filter(({ does }) => does !== 'ask' && does !== 'absurd');
    return {
      ...rest,
      steps: steps.map(step => ({ ...step, after: Math.min(step.after, 4_000) })),
      end: of.chance(0.85) ? { is: 'done' } : run.end,
    };
  };
  const names = ({ args }: PlannedAction): readonly string[] => [
    ...(args.session === undefined ? [] : [args.session]),
    ...(args.sessions ?? []),
    ...(args.change && 'session' in args.change && args.change.kind !== 'add' ? [args.change.session] : []),
  ];
  return {
    ...plan,
    definition: {
      ...unlimited,
      ...{ maxConcurrent: random.int(2, 4), errorThreshold: 10, respectDependencies: true, sessions },
      ...{ idleMs: 600_000, attemptMs: 7_200_000 },
    },
    runs: Object.fromEntries(
      ids.map(id => [id, (plan.runs[id] ?? []).map((run, at) => calmer(run, random.of(id, at)))]),
    ),
    actions: plan.actions.filter(
      action =>
        names(action).every(id => ids.includes(id)) && !(action.verb === 'stop' && random.chance(0.7)),
    ),
    faults: plan.faults.filter(({ kind }) => kind === 'crash' || random.chance(0.3)),
    settles: true,
  };
}

function makeSettings(random: Random): SimulatedDelivery {
  const trees = !random.chance(0.12);
  const checks = random.chance(0.75) || !trees;
  const integrate = trees
    ? random.pick(['none', 'branch', 'merge', 'merge', 'merge', 'merge'] as const)
    : 'none';
  const into = random.weigh<string | undefined>([
    [10, 'main'],
    [9, undefined],
    [1, 'nowhere'],
  ]);
  return {
    trees,
    ...(checks ? { verify: { attempts: random.int(1, 3), timeoutMs: random.pick([2_000, 900_000]) } } : {}),
    setup: trees && random.chance(0.3),
    integrate,
    verifyMerge: random.chance(0.8),
    onConflict: random.pick(['pause', 'resolve', 'resolve']),
    ...(integrate === 'merge' && into !== undefined ? { into } : {}),
    scope: random.pick(['all', 'each']),
    keep: random.chance(0.3) ? 'always' : 'until_merged',
  };
}

function writing(run: PlannedRun, random: Random): PlannedRun {
  const writes = Array.from({ length: random.int(0, 3) }, () => ({
    after: random.pick([0, 0, 100, 1_000]),
    does: 'write' as const,
    path: random.pick(['own', 'own', 'a.txt', 'shared.txt']),
  }));
  const at = random.int(0, run.steps.length);
  const leaves = random.weigh<PlannedRun['leaves']>([
    [6, undefined],
    [1, 'all'],
    [1, 'one'],
  ]);
  return {
    ...run,
    steps: [...run.steps.slice(0, at), ...writes, ...run.steps.slice(at)],
    ...(leaves ? { leaves } : {}),
  };
}

function makeCommands(random: Random, most: number): PlannedCommand[] {
  return Array.from({ length: random.int(0, most) }, () => ({
    takesMs: random.pick([0, 300, 300, 5_000, 60_000]),
    is: random.weigh<PlannedCommand['is']>([
      [8, 'green'],
      [2, 'red'],
      [1, 'hang'],
    ]),
    ...(random.chance(0.1) ? { changes: true } : {}),
    ...(random.chance(0.2) ? { stopMs: 4_000 } : {}),
  }));
}

/** A session keeps its repository: another would be another session. */
function stillPossible(
  action: PlannedAction,
  placed: (session: PlannedSession) => PlannedSession,
): PlannedAction[] {
  const { change } = action.args;
  if (change?.kind === 'change' && change.to.project !== undefined) return [];
  if (change?.kind !== 'add') return [action];
  return [{ ...action, args: { ...action.args, change: { kind: 'add', session: placed(change.session) } } }];
}

/** What is asked for in the midst of steps, and deliveries. */
function makeMore(random: Random, ids: readonly string[]): PlannedAction[] {
  const rested = RESTS.flatMap((event, index): PlannedAction[] => {
    const of = random.of('rest', index);
    if (!of.chance(0.3)) return [];
    const args = of.chance(0.8) ? { into: 'main' } : {};
    return [{ at: { event, nth: 1 }, process: 'owner', via: 'handle', verb: 'integrate', args }];
  });
  const others = Array.from({ length: random.int(0, 3) }, (_, index): PlannedAction => {
    const of = random.of(index);
    const at = of.chance(0.7) ? { event: of.pick(EVENTS), nth: of.int(1, 3) } : { ms: of.int(0, 30_000) };
    const via: Via = 'event' in at ? 'handle' : of.pick(['handle', 'control', 'http']);
    const session = ids[of.int(0, ids.length - 1)] ?? 's0';
    return of.weigh<PlannedAction>([
      [3, { at, process: 'owner', via, verb: 'pause', args: {} }],
      [1, { at, process: 'owner', via, verb: 'stop', args: {} }],
      [2, { at, process: 'owner', via, verb: 'pauseSession', args: { session } }],
      [2, { at, process: 'owner', via, verb: 'retry', args: of.chance(0.5) ? { fresh: true } : {} }],
      [2, { at, process: 'owner', via, verb: 'integrate', args: of.chance(0.7) ? { into: 'main' } : {} }],
    ]);
  });
  return [...rested, ...others];
}

/** Who delivers dies in it. */
function inDelivery(random: Random): PlannedFault[] {
  if (!random.chance(0.35)) return [];
  const step = random.pick(['planDelivery', 'deliver', 'deliver']);
  return [{ kind: 'crash in a step', step, nth: random.int(1, 4), reaperMs: 0 }];
}

function makeFaults(random: Random, ids: readonly string[], untilMs: number): PlannedFault[] {
  return Array.from({ length: random.int(0, 3) }, (_, index): PlannedFault => {
    const of = random.of(index);
    const step = of.chance(0.4) ? 'any' : of.pick(STEPS);
    const nth = step === 'any' ? of.int(1, 60) : of.int(1, 4);
    const at = of.chance(0.8) ? of.int(0, 8_000) : of.int(0, untilMs);
    const session = ids[of.int(0, ids.length - 1)] ?? 's0';
    return of.weigh<PlannedFault>([
      [5, { kind: 'crash in a step', step, nth, ...(of.chance(0.6) ? { reaperMs: of.pick([0, 300]) } : {}) }],
      [3, { kind: 'step fails', step, nth, how: of.pick(['passes', 'passes', 'stays', 'moved', 'slow']) }],
      [2, { kind: 'user', at, does: of.pick(['commits', 'commits in conflict']), where: `p${of.int(0, 1)}` }],
      [2, { kind: 'user', at, does: of.pick(['deletes a tree', 'changes a tree']), where: session }],
    ]);
  });
}
