import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import { getAdjacencyMap } from 'xstate/graph';
import type { SessionMachineEvent, StartedStep, TreePlan } from '../../machines/contract.ts';
import { sessionMachine } from '../../machines/session.machine.ts';
import type { ErrorCode } from '../../machines/vocabulary.ts';
import { sessionInput } from './session-chart.ts';
import { stateOf } from './state-of.ts';

const nothing = () => {};
/** The real chart; what it tells its group is recorded by name. */
const machine = sessionMachine.provide({
  actions: {
    ...{ wantSlot: nothing, wantMerge: nothing, report: nothing },
    ...{ yieldSlot: nothing, yieldForRetry: nothing, yieldForQuota: nothing },
    ...{ reportBlocked: nothing, reportUnavailable: nothing },
  },
});
type Snapshot = SnapshotFrom<typeof machine>;
type Timer = { readonly type: `xstate.after.${string}` };
type Event = SessionMachineEvent | Timer;

/** The chart, and what its host and its group know of the session by themselves. */
interface Explored {
  readonly status: 'active';
  readonly output: undefined;
  readonly error: undefined;
  readonly chart: Snapshot;
  readonly slot: boolean;
  /** The step that has been started and is still to be answered. */
  readonly open: StartedStep | undefined;
  readonly asked: 'pause' | 'stop' | undefined;
  /** Since its agent was done. */
  readonly saved: boolean;
  /** What is saved has passed the checks. */
  readonly checked: boolean;
  /** What is to be merged has. */
  readonly verified: boolean;
  readonly integrated: boolean;
}

const error = (code: ErrorCode) => ({ code, message: code });
const failed = (code: ErrorCode) => ({ type: 'step.failed', error: error(code) }) as const;
const red = { type: 'step.red', error: error('verify_failed') } as const;
const done = { type: 'step.done' } as const;
const changed = { type: 'step.changed' } as const;

/** What the host can answer. */
const ANSWERS: Readonly<Record<StartedStep, readonly SessionMachineEvent[]>> = {
  settingUp: [done, failed('workspace_failed'), failed('setup_failed')],
  saving: [done, red, failed('workspace_failed'), failed('workspace_moved')],
  verifying: [done, red, changed],
  merging: [
    ...[done, { type: 'step.done', differs: true } as const],
    ...[{ type: 'step.conflict', error: error('merge_conflict') } as const, failed('workspace_failed')],
  ],
  checking: [done, red, changed],
  advancing: [done, { type: 'step.moved' }, failed('workspace_failed')],
};
const ENDINGS: Readonly<Record<string, readonly Event[]>> = {
  live: [{ type: 'agent.done', denials: 0 }, ...endings()],
  interrupting: [{ type: 'agent.done', denials: 0 }, { type: 'agent.ended' }, ...endings()],
  'parked.queued': [{ type: 'slot.granted' }],
  'parked.retrying': [{ type: 'xstate.after.untilDeadline.session.parked.retrying' }],
  'parked.paused': [{ type: 'resume' }],
  'treeWork.integrating.waiting': [{ type: 'merge.granted' }],
};
function endings(): Event[] {
  return (['process_lost', 'max_turns'] as const).map(code => ({ type: 'agent.failed', error: error(code) }));
}

/** What can happen without anybody's wish. */
function happenings({ chart, open }: Explored): Event[] {
  const path = pathOf(chart);
  const own = Object.entries(ENDINGS).flatMap(([prefix, events]) => (path.startsWith(prefix) ? events : []));
  const answers = open === undefined ? [] : ANSWERS[open];
  return [...own, ...answers, ...(path === 'treeWork.ending' ? [{ type: 'step.ended' } as const] : [])];
}

/** Attempts beyond these bring nothing new. */
const MOST_ATTEMPTS = 3;

function eventsIn(state: Explored): Event[] {
  if (state.chart.context.attempts > MOST_ATTEMPTS || state.chart.hasTag('settled')) return [];
  return [...happenings(state), { type: 'pause' }, { type: 'stop' }];
}

const pathOf = (chart: Snapshot): string => {
  const parts: string[] = [];
  let value: unknown = chart.value;
  while (typeof value === 'object' && value !== null) {
    const [entry] = Object.entries(value);
    if (!entry) break;
    parts.push(entry[0]);
    value = entry[1];
  }
  return [...parts, String(value)].join('.');
};

export interface ExploredTree {
  readonly states: number;
  readonly values: ReadonlySet<string>;
  readonly findings: readonly string[];
}

/** Every state that a session with this plan can get into, and what is wrong with the steps that lead there. */
export function exploreTree(plan: TreePlan, chartOf = machine): ExploredTree {
  const findings = new Set<string>();
  const input = sessionInput({
    id: 'a',
    prepared: true,
    tree: plan,
    retry: { ...sessionInput().retry, maximumAttempts: 2 },
  });

  const after = (before: Explored, event: Event): Explored => {
    const [chart, actions] = transition(chartOf, before.chart, event as SessionMachineEvent);
    const names = actions.map(({ type }) => type);
    const steps = actions.flatMap(({ type, params }) =>
      type === 'startStep' ? [(params as { step: StartedStep }).step] : [],
    );
    const answered = event.type.startsWith('step.') ? undefined : before.open;
    const asks = event.type === 'stop' || (event.type === 'pause' && before.asked !== 'stop');
    const goesOn = event.type === 'slot.granted' || event.type === 'resume';
    const isDone = event.type === 'step.done';
    const starts = names.includes('startAttempt');
    const saves = isDone && before.open === 'saving';
    const checks = isDone && before.open === 'verifying';
    const merges = isDone && before.open === 'merging';
    const differs = event.type === 'step.done' && event.differs === true && plan.verifiesMerge;
    const isGreen =
      checks || (isDone && before.open === 'checking') || (merges && !differs && before.checked);
    const next: Explored = {
      ...before,
      chart,
      slot:
        event.type === 'slot.granted' ||
        (before.slot && !names.some(name => name.startsWith('yield') || name === 'report')),
      open: steps[0] ?? answered,
      asked: asks ? (event.type as 'pause' | 'stop') : goesOn ? undefined : before.asked,
      saved: !starts && (before.saved || saves),
      checked: !starts && !saves && (before.checked || checks),
      verified: !starts && !saves && (isGreen || (before.verified && !merges)),
      integrated: !starts && (before.integrated || (isDone && before.open === 'advancing')),
    };

    const path = pathOf(chart);
    const expect = (holds: boolean, what: string) => {
      if (!holds) findings.add(`${what}: ${pathOf(before.chart)} --${event.type}→ ${path}`);
    };
    const counted = chart.context.attempts - before.chart.context.attempts;
    expect(chart.hasTag('live') === next.slot, 'a slot is held exactly while something of it is live');
    expect(steps.length + (starts ? 1 : 0) <= 1, 'one thing is started at a time');
    expect(answered === undefined || (steps.length === 0 && !starts), 'nothing starts while a step is open');
    expect(next.slot || (steps.length === 0 && !starts), 'nothing starts without a slot');
    expect(!chart.hasTag('settled') || next.open === undefined, 'no step is open in the end');
    expect(counted === (starts ? 1 : 0), 'an attempt is counted when it starts');
    if (event.type === 'slot.granted' && before.chart.context.step !== undefined) {
      const { step } = before.chart.context;
      expect(!starts, 'a step that is left counts no attempt');
      expect(
        step === 'integrating' ? path === 'treeWork.integrating.waiting' : next.open === step,
        'it goes on there',
      );
    }
    if (path === 'settled.completed') {
      expect(next.saved || !plan.own, 'completed is saved');
      expect(next.verified || !plan.verifies, 'completed is verified');
      expect(next.integrated || !plan.integrates, 'completed is merged');
    }
    if (next.asked !== undefined) {
      const ends = next.asked === 'stop' ? chart.hasTag('settled') : path === 'parked.paused';
      expect(ends || chart.hasTag('settled') || chart.hasTag('live'), `a ${next.asked} ends in that`);
      expect(!starts && steps.every(step => step === 'saving'), `a ${next.asked} starts nothing but saving`);
    }
    expect(chart.hasTag('settled') || happenings(next).length > 0, 'it can go on');
    return next;
  };

  const [first, actions] = initialTransition(chartOf, input);
  const open = actions.flatMap(({ type, params }) =>
    type === 'startStep' ? [(params as { step: StartedStep }).step] : [],
  )[0];
  const begun = { status: 'active', output: undefined, error: undefined } as const;
  const none = { asked: undefined, saved: false, checked: false, verified: false, integrated: false };
  const map = getAdjacencyMap<Explored, Event, undefined>(
    {
      getInitialSnapshot: () => ({ ...begun, ...none, chart: first, slot: true, open }),
      transition: after,
      getPersistedSnapshot: snapshot => snapshot,
    },
    {
      events: eventsIn,
      serializeState: ({ chart, slot, open: step, asked, ...facts }) => {
        const { intent, step: left, corrected, changedByChecks, attempts, failures } = chart.context;
        const known = [intent, left, corrected, changedByChecks, attempts, failures];
        const { saved, checked, verified, integrated } = facts;
        return JSON.stringify([chart.value, known, slot, step, asked, saved, checked, verified, integrated]);
      },
      serializeEvent: event => JSON.stringify(event),
      limit: 100_000,
    },
  );
  const states = Object.values(map).map(({ state }) => state);
  return {
    states: states.length,
    values: new Set(states.map(({ chart }) => stateOf(chart.value))),
    findings: [...findings],
  };
}

/** The chart that is explored, for tests that plant bugs into it. */
export const exploredSession = machine;
