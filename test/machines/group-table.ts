import type { GroupMachineEvent } from '../../machines/contract.ts';
import type { ExploredEvent, ExploredSetup } from '../support/explored-group.ts';
import { needs, plain } from '../support/random-dag.ts';

/** The group table of design-docs/statecharts.md: two sessions that run one after the other. */

export const asked = (event: GroupMachineEvent): ExploredEvent => ({ type: 'asked', event });
export const child = (
  id: string,
  does: Extract<ExploredEvent, { type: 'child' }>['does'],
): ExploredEvent => ({
  type: 'child',
  id,
  does,
});

const run: GroupMachineEvent = { type: 'run' };
export const pause: GroupMachineEvent = { type: 'pause', reason: 'manual' };
export const resume: GroupMachineEvent = { type: 'resume' };
export const stop: GroupMachineEvent = { type: 'stop' };
const retry: GroupMachineEvent = { type: 'retry' };
export const integrate: GroupMachineEvent = { type: 'integrate' };
const hold: GroupMachineEvent = { type: 'session.pause', id: 'a' };
const send: GroupMachineEvent = { type: 'session.send', id: 'a', messageId: 'm', text: 'go left', by: 'cli' };
const release: GroupMachineEvent = { type: 'session.resume', id: 'a' };
const answer: GroupMachineEvent = {
  type: 'approval.answer',
  id: 'a',
  requestId: 'r',
  decision: 'allow',
  by: 'me',
};

const change = { revision: 1, added: ['added'], removed: [], changed: [], edges: ['added'] };
const adds: GroupMachineEvent = { type: 'definition.change', change };
const takes = (id: string): GroupMachineEvent => ({
  type: 'definition.change',
  change: { ...change, added: [], edges: [], removed: [id] },
});
const REDEFINED = ['journalRedefinition', 'announceRedefinition'];

export const PATHS = {
  created: [],
  running: [asked(run)],
  pausing: [asked(run), asked(pause)],
  paused: [asked(run), asked(pause), child('a', 'end')],
  stopping: [asked(run), asked(stop)],
  stopped: [asked(run), asked(stop), child('a', 'end')],
  completed: [asked(run), child('a', 'complete'), child('b', 'complete')],
  failed: [asked(run), child('a', 'fail'), child('b', 'complete')],
  delivering: [asked(run), child('a', 'complete'), child('b', 'complete')],
  'interrupted.running': [],
  'interrupted.stopping': [],
} satisfies Record<string, ExploredEvent[]>;
export type StateName = keyof typeof PATHS;
export const STATES = Object.keys(PATHS) as StateName[];

const inPlay = new Map([['a', { held: false }]]);
/** How a journal left the group, where no path from a new one leads there. */
const RESTORED: Partial<Record<StateName, ExploredSetup['restored']>> = {
  'interrupted.running': { status: 'running', inPlay },
  'interrupted.stopping': { status: 'stopping', inPlay },
};

export function setupOf(state: StateName): Partial<ExploredSetup> {
  const restored = RESTORED[state];
  return { ...(restored ? { restored } : {}), ...(state === 'delivering' ? { delivers: 'into' } : {}) };
}

/** Each request in each state: where it leads and how it is answered; no entry: refused, not in this state. */
export const REQUESTS: readonly {
  readonly event: GroupMachineEvent;
  readonly in: Partial<Record<StateName, readonly [to: StateName, answer: string, ...journalled: string[]]>>;
}[] = [
  {
    event: run,
    in: {
      created: ['running', 'accept', 'group_started'],
      'interrupted.running': ['interrupted.running', 'interrupted'],
      'interrupted.stopping': ['interrupted.stopping', 'stop_unfinished'],
    },
  },
  {
    event: pause,
    in: {
      running: ['pausing', 'accept', 'group_pausing'],
      delivering: ['pausing', 'accept', 'group_pausing', 'endDelivery'],
      pausing: ['pausing', 'accept'],
      paused: ['paused', 'already_paused'],
      'interrupted.running': ['paused', 'accept', 'takeOver', 'journalPausedSessions', 'group_paused'],
      'interrupted.stopping': ['interrupted.stopping', 'stop_unfinished'],
    },
  },
  {
    event: resume,
    in: {
      pausing: ['pausing', 'still_pausing'],
      paused: ['running', 'accept', 'group_resumed'],
      'interrupted.running': ['running', 'accept', 'takeOver', 'group_resumed'],
      'interrupted.stopping': ['stopped', 'accept', 'takeOver', 'group_stopped'],
    },
  },
  {
    event: stop,
    in: {
      running: ['stopping', 'accept', 'group_stopping'],
      delivering: ['stopping', 'accept', 'group_stopping', 'endDelivery'],
      pausing: ['stopping', 'accept', 'group_stopping'],
      paused: ['stopping', 'accept', 'group_stopping'],
      stopping: ['stopping', 'accept'],
      stopped: ['stopped', 'already_stopped'],
      'interrupted.running': ['stopped', 'accept', 'takeOver', 'group_stopping', 'group_stopped'],
      'interrupted.stopping': ['stopped', 'accept', 'takeOver', 'group_stopped'],
    },
  },
  {
    event: retry,
    in: {
      paused: ['paused', 'nothing_to_retry'],
      stopped: ['running', 'accept', 'group_retried'],
      completed: ['completed', 'nothing_to_retry'],
      failed: ['running', 'accept', 'group_retried'],
      'interrupted.running': ['interrupted.running', 'interrupted'],
      'interrupted.stopping': ['interrupted.stopping', 'stop_unfinished'],
    },
  },
  {
    event: integrate,
    in: {
      paused: ['paused', 'sessions_unfinished'],
      stopped: ['stopped', 'nothing_to_deliver'],
      completed: ['completed', 'nothing_to_deliver'],
      failed: ['failed', 'nothing_to_deliver'],
      'interrupted.running': ['interrupted.running', 'interrupted'],
      'interrupted.stopping': ['interrupted.stopping', 'stop_unfinished'],
    },
  },
  {
    event: hold,
    in: {
      created: ['created', 'accept'],
      running: ['running', 'accept'],
      paused: ['paused', 'accept'],
      'interrupted.running': ['interrupted.running', 'accept'],
    },
  },
  {
    event: release,
    in: {
      created: ['created', 'session_not_paused'],
      running: ['running', 'session_not_paused'],
      paused: ['paused', 'session_not_paused'],
      'interrupted.running': ['interrupted.running', 'session_not_paused'],
    },
  },
  {
    event: send,
    in: {
      created: ['created', 'accept', 'journalMessage'],
      running: ['running', 'accept', 'journalMessage'],
      delivering: ['delivering', 'message_refused'],
      pausing: ['pausing', 'accept', 'journalMessage'],
      paused: ['paused', 'accept', 'journalMessage'],
      stopped: ['stopped', 'message_refused'],
      completed: ['completed', 'message_refused'],
      failed: ['failed', 'message_refused'],
      'interrupted.running': ['interrupted.running', 'accept', 'journalMessage'],
    },
  },
  { event: answer, in: { running: ['running', 'no_such_request'] } },
  {
    event: adds,
    in: {
      created: ['created', 'accept', ...REDEFINED],
      running: ['running', 'accept', ...REDEFINED],
      pausing: ['pausing', 'still_pausing'],
      paused: ['paused', 'accept', ...REDEFINED],
      stopped: ['paused', 'accept', ...REDEFINED, 'group_paused'],
      completed: ['paused', 'accept', ...REDEFINED, 'group_paused'],
      failed: ['paused', 'accept', ...REDEFINED, 'group_paused'],
      'interrupted.running': ['interrupted.running', 'accept', ...REDEFINED],
      'interrupted.stopping': ['interrupted.stopping', 'stop_unfinished'],
    },
  },
];

export interface GroupRow {
  readonly name: string;
  readonly path: readonly ExploredEvent[];
  readonly event: GroupMachineEvent;
  readonly to: StateName;
  readonly does: readonly string[];
  readonly setup?: Partial<ExploredSetup>;
}

const spent: ExploredEvent = { type: 'spent' };
export const failed = (id: string): GroupMachineEvent => ({ type: 'session.settled', id, outcome: 'failed' });
export const exceeded: GroupMachineEvent = { type: 'budget.exceeded' };
const journalFailed: GroupMachineEvent = { type: 'journal.failed' };
const threshold = { errorThreshold: 1 };

/** What else the table says: in the order of its lines. */
export const ROWS: readonly GroupRow[] = [
  {
    name: 'a failure below the threshold is only settled, and the next session admitted',
    path: PATHS.running,
    event: failed('a'),
    to: 'running',
    does: ['journalNotes', 'startSession'],
  },
  {
    name: 'failures at the threshold pause',
    path: PATHS.running,
    event: failed('a'),
    to: 'paused',
    does: ['journalNotes', 'group_pausing', 'journalNotes', 'group_paused', '#quota: group.left'],
    setup: threshold,
  },
  {
    name: 'or stop, where errors are not to pause',
    path: PATHS.running,
    event: failed('a'),
    to: 'stopped',
    does: ['journalNotes', 'group_stopping', 'journalNotes', 'group_stopped', '#quota: group.left'],
    setup: { ...threshold, pauseOnError: false },
  },
  {
    name: 'with nothing left the group fails instead',
    path: [...PATHS.running, child('a', 'complete')],
    event: failed('b'),
    to: 'failed',
    does: ['journalNotes', 'group_failed', '#quota: group.left'],
    setup: threshold,
  },
  {
    name: 'the last completion completes',
    path: [...PATHS.running, child('a', 'complete')],
    event: { type: 'session.settled', id: 'b', outcome: 'completed' },
    to: 'completed',
    does: ['journalNotes', 'group_completed', '#quota: group.left'],
  },
  {
    name: 'a spent budget pauses',
    path: PATHS.running,
    event: exceeded,
    to: 'pausing',
    does: ['group_pausing', 'journalNotes', 'a: pause'],
  },
  {
    name: 'or stops',
    path: PATHS.running,
    event: exceeded,
    to: 'stopping',
    does: ['group_stopping', 'journalNotes', 'a: stop'],
    setup: { onBudget: 'stop' },
  },
  {
    name: 'or warns',
    path: PATHS.running,
    event: exceeded,
    to: 'running',
    does: [],
    setup: { onBudget: 'warn' },
  },
  { name: 'while pausing it changes nothing', path: PATHS.pausing, event: exceeded, to: 'pausing', does: [] },
  {
    name: 'unless it is to stop the group',
    path: PATHS.pausing,
    event: exceeded,
    to: 'stopping',
    does: ['group_stopping', 'journalNotes', 'a: stop'],
    setup: { onBudget: 'stop' },
  },
  {
    name: 'an agent that is not available pauses',
    path: PATHS.running,
    event: { type: 'agent.unavailable', code: 'billing_error' },
    to: 'pausing',
    does: ['group_pausing', 'journalNotes', 'a: pause'],
  },
  {
    name: 'a quota that is too far away pauses',
    path: PATHS.running,
    event: { type: 'quota.tooLong' },
    to: 'pausing',
    does: ['group_pausing', 'journalNotes', 'a: pause'],
  },
  {
    name: 'a journal that fails pauses',
    path: PATHS.running,
    event: journalFailed,
    to: 'pausing',
    does: ['group_pausing', 'journalNotes', 'a: pause'],
  },
  {
    name: 'and cuts a delivery off',
    path: PATHS.delivering,
    event: journalFailed,
    to: 'pausing',
    does: ['group_pausing', 'journalNotes', 'endDelivery'],
    setup: setupOf('delivering'),
  },
  ...STATES.filter(state => state !== 'running' && state !== 'delivering').map(
    (state): GroupRow => ({
      name: `in ${state} it changes nothing by itself`,
      path: PATHS[state],
      event: journalFailed,
      to: state,
      does: [],
      setup: setupOf(state),
    }),
  ),
  {
    name: 'a group whose last records are not written has not completed',
    path: [...PATHS.running, child('a', 'complete')],
    event: { type: 'session.settled', id: 'b', outcome: 'completed' },
    to: 'running',
    does: ['journalNotes'],
    setup: { unwritten: true },
  },
  {
    name: 'nor failed, nor does it pause or stop for its errors',
    path: [...PATHS.running, child('a', 'complete')],
    event: failed('b'),
    to: 'running',
    does: ['journalNotes'],
    setup: { ...threshold, unwritten: true },
  },
  {
    name: 'it pauses',
    path: [...PATHS.running, child('a', 'complete'), child('b', 'complete')],
    event: journalFailed,
    to: 'paused',
    does: ['group_pausing', 'journalNotes', 'group_paused', '#quota: group.left'],
    setup: { unwritten: true },
  },
  {
    name: 'a session that yields for its quota has the gate described',
    path: PATHS.running,
    event: { type: 'session.yielded', id: 'a', reason: 'quota' },
    to: 'running',
    does: ['#quota: quota.limited', 'startSession'],
  },
  {
    name: 'a session that goes on at once keeps its slot from those that have not started',
    path: PATHS.running,
    event: { type: 'session.yielded', id: 'a', reason: 'continue' },
    to: 'running',
    does: ['a: slot.granted'],
  },
  {
    name: 'a session that wants to go on is granted a slot',
    path: [...PATHS.running, child('a', 'retry'), child('b', 'complete')],
    event: { type: 'session.ready', id: 'a' },
    to: 'running',
    does: ['a: slot.granted'],
  },
  {
    name: 'a group with nothing left but held sessions pauses',
    path: [...PATHS.running, asked(hold), child('a', 'end')],
    event: { type: 'session.settled', id: 'b', outcome: 'completed' },
    to: 'paused',
    does: ['journalNotes', 'group_pausing', 'journalNotes', 'a: pause', 'group_paused', '#quota: group.left'],
  },
  {
    name: 'a group whose sessions are all held before it starts pauses as soon as it is run',
    path: [asked(hold), asked({ type: 'session.pause', id: 'b' })],
    event: run,
    to: 'paused',
    does: [
      ...['accept', 'group_started', '#quota: group.running', 'group_pausing', 'journalNotes'],
      ...['group_paused', '#quota: group.left'],
    ],
  },
  {
    name: 'who is held before it starts is told nothing, and another starts',
    path: [...PATHS.running],
    event: { type: 'session.pause', id: 'b' },
    to: 'running',
    does: ['accept', 'journalNotes'],
  },
  {
    name: 'a resume over the budget is refused',
    path: [...PATHS.running, spent, child('a', 'end')],
    event: resume,
    to: 'paused',
    does: ['budget_exhausted'],
  },
  {
    name: 'unless it brings a limit that is not',
    path: [...PATHS.running, spent, child('a', 'end')],
    event: { type: 'resume', limitMicroUsd: 1_000 },
    to: 'running',
    does: [
      ...['accept', 'group_resumed', 'tellBudget', 'journalNotes', 'a: resume'],
      '#quota: group.running',
    ],
  },
  {
    name: 'one that is spent as well is refused, and not set',
    path: [...PATHS.running, spent, child('a', 'end')],
    event: { type: 'resume', limitMicroUsd: 100 },
    to: 'paused',
    does: ['budget_exhausted'],
  },
  {
    name: 'so is a retry',
    path: [...PATHS.running, spent, child('a', 'end'), asked(stop)],
    event: retry,
    to: 'stopped',
    does: ['budget_exhausted'],
  },
  {
    name: 'a resume wakes who was paused, whose turn it is before that of anyone who has never started',
    path: PATHS.paused,
    event: resume,
    to: 'running',
    does: [
      'accept',
      'group_resumed',
      'journalNotes',
      'a: resume',
      '#quota: group.running',
      'a: slot.granted',
    ],
  },
  {
    name: 'but not who is held',
    path: [...PATHS.running, asked(hold), asked(pause), child('a', 'end')],
    event: resume,
    to: 'running',
    does: ['accept', 'group_resumed', 'journalNotes', '#quota: group.running', 'startSession'],
  },
  {
    name: 'a stop of a paused group stops who was paused',
    path: PATHS.paused,
    event: stop,
    to: 'stopping',
    does: ['accept', 'group_stopping', 'journalNotes', 'a: stop'],
  },
  {
    name: 'a new limit is handed to the chart of the budget, in any state',
    path: PATHS.paused,
    event: { type: 'budget.change', limitMicroUsd: 5 },
    to: 'paused',
    does: ['#budget: budget.change'],
  },
  {
    name: 'a session that is added to a running group is admitted',
    path: [...PATHS.running, child('a', 'complete')],
    event: adds,
    to: 'running',
    does: ['journalNotes', 'accept', ...REDEFINED, 'journalNotes', 'startSession'],
    setup: { maxConcurrent: 2 },
  },
  {
    name: 'a settled group has settled again where what it gets can never start',
    path: PATHS.failed,
    event: adds,
    to: 'failed',
    does: [
      ...['journalNotes', 'accept', ...REDEFINED, 'journalNotes'],
      ...['journalNotes', 'journalNotes', 'group_failed', '#quota: group.left'],
    ],
    setup: { revisions: [[plain('a'), plain('b'), plain('added', { dependsOn: needs('a') })]] },
  },
  {
    name: 'a session that waits is taken away',
    path: PATHS.running,
    event: takes('b'),
    to: 'running',
    does: ['journalNotes', 'accept', ...REDEFINED, 'journalNotes'],
    setup: { revisions: [[plain('a')]] },
  },
  {
    name: 'a session in play is not taken away',
    path: PATHS.running,
    event: takes('a'),
    to: 'running',
    does: ['sessions_in_the_way'],
  },
  {
    name: 'nor is a completed one',
    path: PATHS.completed,
    event: takes('a'),
    to: 'completed',
    does: ['sessions_in_the_way'],
  },
  {
    name: 'a session that wants to merge is told when its turn has come, the others after it',
    path: [...PATHS.running, asked({ type: 'merge.wanted', id: 'a' })],
    event: { type: 'merge.wanted', id: 'b' },
    to: 'running',
    does: [],
    setup: { maxConcurrent: 2 },
  },
  {
    name: 'the first at once',
    path: PATHS.running,
    event: { type: 'merge.wanted', id: 'a' },
    to: 'running',
    does: ['a: merge.granted'],
  },
  ...(
    [
      [{ type: 'session.settled', id: 'a', outcome: 'completed' }, ['journalNotes']],
      [{ type: 'session.yielded', id: 'a', reason: 'retry' }, []],
    ] as const
  ).map(
    ([event, does]): GroupRow => ({
      name: `the next one at ${event.type}`,
      path: [...PATHS.running, ...(['a', 'b'] as const).map(id => asked({ type: 'merge.wanted', id }))],
      event,
      to: 'running',
      does: ['b: merge.granted', ...does],
      setup: { maxConcurrent: 2 },
    }),
  ),
  {
    name: 'a session that cannot be merged without a person pauses',
    path: PATHS.running,
    event: { type: 'session.blocked', id: 'a' },
    to: 'pausing',
    does: ['group_pausing', 'journalNotes', 'a: pause'],
  },
  {
    name: 'a session whose chart has thrown is failed by its host',
    path: PATHS.running,
    event: { type: 'xstate.error.actor.a', actorId: 'a', error: new Error('broken') },
    to: 'running',
    does: ['failCrashedSession'],
  },
  ...(['budget.changed', 'admission.changed', 'quota.opened'] as const).flatMap(type =>
    STATES.map(
      (state): GroupRow => ({
        name: `${type} changes nothing by itself in ${state}`,
        path: PATHS[state],
        event: { type },
        to: state,
        does: [],
        setup: setupOf(state),
      }),
    ),
  ),
];
