import type { Via } from '../history.ts';
import type { Random } from '../random.ts';
import type {
  PersonsAnswer,
  Plan,
  PlannedAction,
  PlannedDefinition,
  PlannedEnd,
  PlannedRun,
  PlannedSession,
} from './plan.ts';

type Scene = (random: Random, plan: Plan) => Plan;

/** It depends on none. */
const FIRST = 's0';

/** What needs several things to come together at the right moments: in few plans, they do. */
export function withScene(random: Random, plan: Plan): Plan {
  if (!random.chance(0.08)) return plan;
  const scene = random.pick<Scene>([
    heldWhileItEnds,
    answeredLate,
    resumedUnderALimit,
    deniedBefore,
    changedAfterItFailed,
  ]);
  return scene(random.of('how'), plan);
}

/** An attempt is cut off while a person is asked, and the next one asks again: in a few plans more. */
export function withCut(random: Random, plan: Plan): Plan {
  return random.chance(0.04) ? pausedWhileItAsks(random.of('how'), plan) : plan;
}

/** A session is held before it starts: mostly before anything of the group has, and let go much later, or never. */
export function withHold(random: Random, plan: Plan): Plan {
  if (!random.chance(0.06)) return plan;
  const { sessions } = plan.definition;
  const session = sessions[random.int(0, sessions.length - 1)]?.id ?? FIRST;
  const via = random.pick<Via>(['handle', 'control', 'http', 'manager']);
  const ask = (verb: PlannedAction['verb'], at: PlannedAction['at']): PlannedAction => ({
    ...{ at, process: via === 'http' ? 1 : 'owner', via, verb, args: { session } },
  });
  const letGo = random.chance(0.7) ? [ask('resumeSession', { ms: random.pick([300, 5_000, 60_000]) })] : [];
  const held = ask('pauseSession', { ms: random.pick([0, 0, 200]) });
  return {
    ...plan,
    actions: random.chance(0.6) ? [held, ...plan.actions, ...letGo] : [...plan.actions, held, ...letGo],
  };
}

/** Messages to sessions, at any time; an agent may be deaf. */
export function withMessages(random: Random, plan: Plan): Plan {
  if (!random.chance(0.12)) return plan;
  const { sessions } = plan.definition;
  const actions = Array.from({ length: random.int(1, 5) }, (_, index): PlannedAction => {
    const of = random.of(index);
    const via = of.pick<Via>(['handle', 'handle', 'control', 'http']);
    const session = sessions[of.int(0, sessions.length - 1)]?.id ?? FIRST;
    const at: PlannedAction['at'] = of.chance(0.5)
      ? { event: 'session_started', nth: of.int(1, 3) }
      : { ms: of.pick([0, of.int(0, 3_000), of.int(0, 10_000)]) };
    const isOwners = via === 'handle' || 'event' in at;
    const process = isOwners ? 'owner' : 1;
    return {
      at,
      process,
      via: isOwners ? 'handle' : via,
      verb: 'send',
      args: { session, message: `m${index}` },
    };
  });
  const runs = Object.entries(plan.runs).map(([id, all]) => [
    id,
    all.map((run, index) => (random.of(id, index).chance(0.1) ? { ...run, deaf: true } : run)),
  ]);
  const sent = { ...plan, actions: [...plan.actions, ...actions], runs: Object.fromEntries(runs) };
  return random.of('late').chance(0.4) ? sentAsItEnds(random.of('how'), sent) : sent;
}

/** A message comes when the first session's agent has no time left to take it. */
const sentAsItEnds: Scene = (random, plan) => {
  const run = runOf({ steps: [{ after: 2_000, does: 'say' }], end: { is: 'done' } });
  const late = { ...by('send', 2_000 - random.int(1, 140)), args: { session: FIRST, message: 'late' } };
  return changed(plan, [run], {}, [late]);
};

const pausedWhileItAsks: Scene = (random, plan) => {
  const asks = { onRequest: 'ask', idleMs: 600_000, attemptMs: 7_200_000, approvalMs: 1_800_000 } as const;
  const run = (): PlannedRun =>
    runOf({ steps: [{ after: random.pick([0, 300]), does: 'ask' }], end: { is: 'done' } });
  const paused = random.int(500, 3_000);
  const next = changed(plan, [run(), run()], asks, [
    by('pause', paused),
    by('resume', paused + random.pick([500, 5_000])),
  ]);
  const answers: PersonsAnswer[] = [
    { afterMs: 60_000, via: 'handle', decision: 'allow' },
    { afterMs: random.pick([300, 5_000]), via: 'handle', decision: random.pick(['allow', 'deny']) },
  ];
  return { ...next, person: [...answers, ...plan.person] };
};

/** The first session is held, does not listen, and ends by itself before it is made to. */
const heldWhileItEnds: Scene = (random, plan) => {
  const end = random.pick<PlannedEnd>([
    { is: 'failed', code: 'authentication_failed' },
    { is: 'failed', code: 'billing_error' },
    { is: 'failed', code: 'agent_error' },
    { is: 'limited', forMs: 10_000 },
    { is: 'done' },
  ]);
  const run = runOf({ steps: [{ after: 4_000, does: 'say' }], end, finishes: true });
  const held = random.int(100, 3_900);
  return changed(plan, [run], {}, [
    { ...by('pauseSession', held), args: { session: FIRST } },
    { ...by('resumeSession', held + random.pick([2_000, 10_000])), args: { session: FIRST } },
  ]);
};

/** A person takes longer to answer than an agent may be silent, or the agent does not wait so long. */
const answeredLate: Scene = (random, plan) => {
  const withdraws = random.chance(0.4) ? { withdraws: random.pick([500, 20_000]) } : {};
  const run = runOf({
    steps: [
      { after: 0, does: 'ask', ...withdraws },
      { after: random.pick([1, 1_000]), does: 'say' },
    ],
    end: random.pick<PlannedEnd>([{ is: 'done' }, { is: 'hang' }]),
  });
  const asks = { onRequest: 'ask', idleMs: 5_000, attemptMs: 7_200_000, approvalMs: 1_800_000 } as const;
  const next = changed(plan, [run], asks);
  return { ...next, person: [{ afterMs: 60_000, via: 'handle', decision: 'allow' }, ...plan.person] };
};

/** The group pauses for a usage limit, and somebody goes on before it is reset. */
const resumedUnderALimit: Scene = (random, plan) =>
  changed(plan, [runOf({ steps: [], end: { is: 'limited', forMs: 600_000 } })], { maxQuotaWaitMs: 60_000 }, [
    by('resume', random.pick([3_000, 30_000, 590_000])),
  ]);

/** A person denies a request of an attempt that fails; of the next, nobody is asked. */
const deniedBefore: Scene = (_, plan) => {
  const asked = runOf({ steps: [{ after: 0, does: 'ask' }], end: { is: 'failed', code: 'agent_error' } });
  const retry = { ...plan.definition.retry, maximumAttempts: 3 };
  const next = changed(plan, [asked, runOf({ steps: [], end: { is: 'done', denials: 1 } })], {
    ...{ onRequest: 'ask', approvalMs: 1_800_000, retry },
  });
  return { ...next, person: [{ afterMs: 300, via: 'handle', decision: 'deny' }, ...plan.person] };
};

/** A session has failed, and gets another definition while the group runs or once it has settled. */
const changedAfterItFailed: Scene = (random, plan) => {
  const to = random.pick<Partial<PlannedSession>>([
    { allowFailure: true },
    { allowFailure: true },
    { project: 'p3' },
    { priority: 2 },
  ]);
  const sessions = plan.definition.sessions.map(one =>
    one.id === FIRST ? { ...one, allowFailure: false } : one,
  );
  const run = runOf({ steps: [], end: { is: 'failed', code: 'model_not_found' } });
  return changed(plan, [run], { sessions, errorThreshold: 10 }, [
    {
      ...by('update', random.pick([500, 2_000, 60_000])),
      args: { change: { kind: 'change', session: FIRST, to } },
    },
  ]);
};

const runOf = (run: Pick<PlannedRun, 'steps' | 'end' | 'finishes'>): PlannedRun => ({
  ...{ startMs: 0, ignores: 0, stopMs: 0, scope: 'process' },
  ...run,
});

const by = (verb: PlannedAction['verb'], ms: number): PlannedAction => ({
  ...{ at: { ms }, process: 'owner', via: 'handle', verb, args: {} },
});

function changed(
  plan: Plan,
  runs: readonly PlannedRun[],
  settings: Partial<PlannedDefinition>,
  actions: readonly PlannedAction[] = [],
): Plan {
  return {
    ...plan,
    definition: { ...plan.definition, ...settings },
    runs: { ...plan.runs, [FIRST]: [...runs, ...(plan.runs[FIRST] ?? [])] },
    actions: [...plan.actions, ...actions],
  };
}
