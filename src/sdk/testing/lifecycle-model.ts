import type { StateValue } from 'xstate';
import type { PauseReason } from '../../../machines/vocabulary.ts';
import { lifecycle } from './lifecycle-setup.ts';
import type { LifecycleContext, LifecycleEvent } from './lifecycle-types.ts';

/**
 * A group's lifecycle, reduced to how many of its sessions are in which state: for model-based tests with
 * `createTestModel` of `xstate/graph`, which supports no invoked actors or delays and needs an immutable context.
 *
 * Its sessions are alike, have no dependencies, and there is a slot for each. It uses the events of the shipped group
 * chart under the same names; a test compares the two, so that they can't drift apart.
 */

const refuse = (code: string) => ({ actions: { type: 'refuse' as const, params: { code } } });
const because = (reason: PauseReason) => ({ type: 'because' as const, params: { reason } });
const notNow = refuse('not_in_this_state');
const finish = [
  { guard: 'succeeded' as const, target: '#lifecycle.atRest.settled.completed' as const },
  { guard: 'allSettled' as const, target: '#lifecycle.atRest.settled.failed' as const },
];
const retryAfterTheEnd = [
  { guard: 'overBudget' as const, ...refuse('budget_exhausted') },
  {
    guard: { type: 'limited' as const },
    target: 'paused' as const,
    actions: ['reopen' as const, 'accept' as const, because('quota')],
  },
  {
    guard: 'somethingToRetry' as const,
    target: '#lifecycle.active' as const,
    actions: ['reopenAndStart' as const, 'accept' as const],
  },
  refuse('nothing_to_retry'),
];

/** A group's lifecycle as a small machine without I/O, for generating test paths. */
export const lifecycleModel = lifecycle.createMachine({
  id: 'lifecycle',
  context: ({ input }) => ({
    ...input,
    pending: input.sessions,
    live: 0,
    lost: 0,
    retrying: 0,
    paused: 0,
    completed: 0,
    failed: 0,
    stopped: 0,
    errors: 0,
    grown: false,
    died: false,
    money: 'within',
    limited: false,
    reason: undefined,
    answer: undefined,
  }),
  initial: 'created',
  on: {
    run: notNow,
    pause: notNow,
    resume: notNow,
    stop: notNow,
    retry: notNow,
    'session.pause': notNow,
    'session.resume': notNow,
    'approval.answer': notNow,
    'definition.change': { actions: ['grow', 'accept'] },
    'session.settled': { actions: 'settle' },
    'session.yielded': { actions: 'yieldSlot' },
    'session.ready': { actions: 'goOn' },
    'budget.warning': { guard: 'isWithin', actions: 'warn' },
    'budget.change': { actions: 'raise' },
    'quota.opened': { actions: 'openAccount' },
    'journal.failed': {},
  },
  states: {
    created: { on: { run: { target: 'active', actions: ['start', 'accept'] } } },
    interrupted: {
      initial: 'running',
      states: {
        running: {
          on: {
            resume: [
              { guard: 'overBudget', ...refuse('budget_exhausted') },
              { target: '#lifecycle.active', actions: ['start', 'accept'] },
            ],
            pause: {
              target: '#lifecycle.atRest.paused',
              actions: ['pauseLost', 'accept', because('manual')],
            },
            stop: { target: '#lifecycle.active.stopping', actions: 'accept' },
            run: notNow,
            retry: notNow,
          },
        },
        stopping: {
          on: {
            stop: { target: '#lifecycle.active.stopping', actions: 'accept' },
            resume: { target: '#lifecycle.active.stopping', actions: 'accept' },
            run: notNow,
            retry: notNow,
            pause: notNow,
            'definition.change': notNow,
          },
        },
      },
    },
    active: {
      initial: 'running',
      on: {
        stop: { target: '.stopping', actions: 'accept' },
        'budget.exceeded': { actions: 'exceed' },
      },
      states: {
        running: {
          always: [
            ...finish,
            { guard: 'tooManyErrors', target: 'pausing', actions: because('error_threshold') },
            { guard: 'somethingPending', actions: 'startPending' },
          ],
          on: {
            'engine.died': { target: '#lifecycle.interrupted.running', actions: 'lose' },
            pause: { target: 'pausing', actions: ['accept', because('manual')] },
            'budget.exceeded': { target: 'pausing', actions: ['exceed', because('budget_exceeded')] },
            'agent.unavailable': { target: 'pausing', actions: ['loseLogin', because('agent_unavailable')] },
            'quota.tooLong': { target: 'pausing', actions: ['meetLimit', because('quota')] },
            'journal.failed': { target: 'pausing', actions: because('store_failed') },
            'session.pause': refuse('session_not_pausable'),
            'session.resume': refuse('session_not_paused'),
            'approval.answer': refuse('no_such_request'),
          },
        },
        pausing: {
          entry: 'pauseWaiting',
          always: [...finish, { guard: 'noneLive', target: '#lifecycle.atRest.paused' }],
          on: {
            'engine.died': { target: '#lifecycle.atRest.paused', actions: ['lose', 'pauseLost'] },
            pause: { actions: 'accept' },
            resume: refuse('still_pausing'),
            'definition.change': refuse('still_pausing'),
          },
        },
        stopping: {
          entry: 'stopWaiting',
          always: { guard: 'noneLive', target: '#lifecycle.atRest.settled.stopped' },
          on: {
            'engine.died': { target: '#lifecycle.interrupted.stopping', actions: 'lose' },
            stop: { actions: 'accept' },
            'budget.exceeded': {},
            'definition.change': notNow,
          },
        },
      },
    },
    atRest: {
      initial: 'paused',
      states: {
        paused: {
          on: {
            pause: refuse('already_paused'),
            stop: { target: '#lifecycle.active.stopping', actions: 'accept' },
            resume: [
              { guard: 'overBudget', ...refuse('budget_exhausted') },
              { guard: 'limited', actions: ['accept', because('quota')] },
              { target: '#lifecycle.active', actions: ['start', 'accept'] },
            ],
            retry: [{ guard: 'somethingToRetry', actions: ['reopen', 'accept'] }, refuse('nothing_to_retry')],
            'session.resume': refuse('session_not_paused'),
          },
        },
        settled: {
          initial: 'completed',
          on: {
            'definition.change': {
              target: '#lifecycle.active.pausing',
              actions: [because('manual'), 'grow', 'accept'],
            },
            retry: retryAfterTheEnd,
          },
          states: {
            completed: { on: { retry: refuse('nothing_to_retry') } },
            failed: {},
            stopped: { on: { stop: refuse('already_stopped') } },
          },
        },
      },
    },
  },
});

const isUnfinishedStop = (value: StateValue): boolean =>
  typeof value === 'object' && value.interrupted === 'stopping';

/** The events that can occur in this state, including requests, which can come at any time. */
export function lifecycleEvents(snapshot: {
  readonly value: StateValue;
  readonly context: LifecycleContext;
}): LifecycleEvent[] {
  const { context } = snapshot;
  const isActive = typeof snapshot.value === 'object' && 'active' in snapshot.value;
  const value = isActive ? snapshot.value.active : undefined;
  const isRunning = value === 'running';
  const events: LifecycleEvent[] = [
    { type: 'run' },
    { type: 'pause' },
    { type: 'resume' },
    { type: 'stop' },
    { type: 'session.resume' },
    { type: 'approval.answer' },
    { type: 'budget.change' },
  ];
  if (!context.grown) events.push({ type: 'definition.change' });
  // The handle finishes an unfinished stop before it retries, which takes two requests to the chart.
  if (!isUnfinishedStop(snapshot.value)) events.push({ type: 'retry' });
  if (isActive && !context.died) events.push({ type: 'engine.died' });
  const settledSome = context.completed + context.failed > 0;
  if (!isRunning || settledSome) events.push({ type: 'session.pause' });
  if (context.limited && value !== 'pausing' && value !== 'stopping') events.push({ type: 'quota.opened' });
  if (context.live === 0) {
    if (isRunning && context.retrying > 0) events.push({ type: 'session.ready' });
    return events;
  }
  events.push({ type: 'session.settled', outcome: 'completed' });
  if (value === 'stopping') events.push({ type: 'session.settled', outcome: 'stopped' });
  else events.push({ type: 'session.settled', outcome: 'failed' });
  if (value === 'pausing') events.push({ type: 'session.yielded', reason: 'pause' });
  if (context.money !== 'exceeded' && value !== 'stopping') events.push({ type: 'budget.exceeded' });
  if (context.money === 'within') events.push({ type: 'budget.warning' });
  events.push({ type: 'journal.failed' });
  if (!isRunning) return events;
  events.push(
    { type: 'session.yielded', reason: 'retry' },
    { type: 'quota.tooLong' },
    { type: 'agent.unavailable' },
  );
  if (context.retrying > 0) events.push({ type: 'session.ready' });
  return events;
}
