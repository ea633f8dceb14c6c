import { assign, setup } from 'xstate';
import type { PauseReason } from '../../../machines/vocabulary.ts';
import type { LifecycleContext, LifecycleEvent, LifecycleInput } from './lifecycle-types.ts';

/**
 * A group's lifecycle, reduced to how many of its sessions are in which state: for model-based tests with
 * `createTestModel` of `xstate/graph`, which supports no invoked actors or delays and needs an immutable context.
 *
 * Its sessions are alike, have no dependencies, and there is a slot for each. It uses the events of the shipped group
 * chart under the same names; a test compares the two, so that they can't drift apart.
 */

const accepted = { answer: 'accepted' } as const;

/** Everything that can run becomes live. */
const atWork = (context: LifecycleContext) => ({
  live: context.live + context.pending + context.paused,
  pending: 0,
  paused: 0,
  errors: 0,
  reason: undefined,
});
const reopened = (context: LifecycleContext) => ({
  pending: context.pending + context.failed + context.stopped,
  failed: 0,
  stopped: 0,
});

const lifecycle = setup({
  types: {
    context: {} as LifecycleContext,
    events: {} as LifecycleEvent,
    input: {} as LifecycleInput,
  },
  guards: {
    succeeded: ({ context }) => context.completed === context.sessions,
    allSettled: ({ context }) => context.completed + context.failed + context.stopped === context.sessions,
    tooManyErrors: ({ context }) => context.errors >= context.errorThreshold,
    noneLive: ({ context }) => context.live === 0,
    overBudget: ({ context }) => context.money === 'exceeded',
    limited: ({ context }) => context.limited,
    somethingToRetry: ({ context }) => context.failed + context.stopped > 0,
    isWithin: ({ context }) => context.money === 'within',
  },
  actions: {
    accept: assign(accepted),
    refuse: assign((_, params: { code: string }) => ({ answer: params.code })),
    because: assign((_, params: { reason: PauseReason }) => ({ reason: params.reason })),
    start: assign(({ context }) => atWork(context)),
    reopen: assign(({ context }) => reopened(context)),
    reopenAndStart: assign(({ context }) => ({
      ...reopened(context),
      ...atWork({ ...context, ...reopened(context) }),
    })),
    /** A session that waits for a retry is paused at once; live sessions are asked to pause. */
    pauseWaiting: assign(({ context }) => ({ paused: context.paused + context.retrying, retrying: 0 })),
    stopWaiting: assign(({ context }) => ({
      stopped: context.stopped + context.retrying + context.paused + context.pending,
      retrying: 0,
      paused: 0,
      pending: 0,
    })),
    grow: assign(({ context }) => ({
      sessions: context.sessions + 1,
      pending: context.pending + 1,
      grown: true,
    })),
    startPending: assign(({ context }) => ({ pending: 0, live: context.live + context.pending })),
    settle: assign(({ context, event }) => {
      if (event.type !== 'session.settled') return {};
      const { outcome } = event;
      return {
        live: context.live - 1,
        [outcome]: context[outcome] + 1,
        errors: context.errors + (outcome === 'failed' ? 1 : 0),
      };
    }),
    yieldSlot: assign(({ context, event }) => {
      if (event.type !== 'session.yielded') return {};
      const to = event.reason === 'retry' ? 'retrying' : 'paused';
      return { live: context.live - 1, [to]: context[to] + 1 };
    }),
    goOn: assign(({ context }) => ({ retrying: context.retrying - 1, live: context.live + 1 })),
    meetLimit: assign(({ context }) => ({
      live: context.live - 1,
      paused: context.paused + 1,
      limited: true,
    })),
    loseLogin: assign(({ context }) => ({
      live: context.live - 1,
      failed: context.failed + 1,
      errors: context.errors + 1,
    })),
    warn: assign({ money: 'warned' }),
    exceed: assign({ money: 'exceeded' }),
    raise: assign({ money: 'within', ...accepted }),
    openAccount: assign({ limited: false }),
  },
});

const refuse = (code: string) => ({ actions: { type: 'refuse' as const, params: { code } } });
const because = (reason: PauseReason) => ({ type: 'because' as const, params: { reason } });
const notNow = refuse('not_in_this_state');
const finish = [
  { guard: 'succeeded' as const, target: 'completed' as const },
  { guard: 'allSettled' as const, target: 'failed' as const },
];
const reports = {
  'session.settled': { actions: 'settle' as const },
  'session.yielded': { actions: 'yieldSlot' as const },
  'session.ready': { actions: 'goOn' as const },
};
const grow = { actions: ['grow' as const, 'accept' as const] };
const growAfterTheEnd = {
  target: 'paused' as const,
  actions: [because('manual'), 'grow' as const, 'accept' as const],
};
const retryAfterTheEnd = [
  { guard: 'overBudget' as const, ...refuse('budget_exhausted') },
  {
    guard: { type: 'limited' as const },
    target: 'paused' as const,
    actions: ['reopen' as const, 'accept' as const, because('quota')],
  },
  {
    guard: 'somethingToRetry' as const,
    target: 'running' as const,
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
    retrying: 0,
    paused: 0,
    completed: 0,
    failed: 0,
    stopped: 0,
    errors: 0,
    grown: false,
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
    'definition.change': notNow,
    'budget.warning': { guard: 'isWithin', actions: 'warn' },
    'budget.change': { actions: 'raise' },
    'quota.opened': { actions: 'openAccount' },
    'journal.failed': {},
  },
  states: {
    created: {
      on: { run: { target: 'running', actions: ['start', 'accept'] }, 'definition.change': grow },
    },
    running: {
      always: [...finish, { guard: 'tooManyErrors', target: 'pausing', actions: because('error_threshold') }],
      on: {
        ...reports,
        pause: { target: 'pausing', actions: ['accept', because('manual')] },
        stop: { target: 'stopping', actions: 'accept' },
        'budget.exceeded': { target: 'pausing', actions: ['exceed', because('budget_exceeded')] },
        'agent.unavailable': { target: 'pausing', actions: ['loseLogin', because('agent_unavailable')] },
        'quota.tooLong': { target: 'pausing', actions: ['meetLimit', because('quota')] },
        'journal.failed': { target: 'pausing', actions: because('store_failed') },
        'session.pause': refuse('session_not_pausable'),
        'session.resume': refuse('session_not_paused'),
        'approval.answer': refuse('no_such_request'),
        'definition.change': { actions: ['grow', 'startPending', 'accept'] },
      },
    },
    pausing: {
      entry: 'pauseWaiting',
      always: [...finish, { guard: 'noneLive', target: 'paused' }],
      on: {
        ...reports,
        pause: { actions: 'accept' },
        stop: { target: 'stopping', actions: 'accept' },
        resume: refuse('still_pausing'),
        'definition.change': refuse('still_pausing'),
        'budget.exceeded': { actions: 'exceed' },
      },
    },
    paused: {
      on: {
        ...reports,
        pause: refuse('already_paused'),
        stop: { target: 'stopping', actions: 'accept' },
        resume: [
          { guard: 'overBudget', ...refuse('budget_exhausted') },
          { guard: 'limited', actions: ['accept', because('quota'), assign({ errors: 0 })] },
          { target: 'running', actions: ['start', 'accept'] },
        ],
        retry: [{ guard: 'somethingToRetry', actions: ['reopen', 'accept'] }, refuse('nothing_to_retry')],
        'session.resume': refuse('session_not_paused'),
        'definition.change': grow,
      },
    },
    stopping: {
      entry: 'stopWaiting',
      always: { guard: 'noneLive', target: 'stopped' },
      on: { ...reports, stop: { actions: 'accept' } },
    },
    stopped: {
      on: { stop: refuse('already_stopped'), retry: retryAfterTheEnd, 'definition.change': growAfterTheEnd },
    },
    completed: { on: { retry: refuse('nothing_to_retry'), 'definition.change': growAfterTheEnd } },
    failed: { on: { retry: retryAfterTheEnd, 'definition.change': growAfterTheEnd } },
  },
});

/** The events that can occur in this state, including requests, which can come at any time. */
export function lifecycleEvents(snapshot: {
  readonly value: unknown;
  readonly context: LifecycleContext;
}): LifecycleEvent[] {
  const { value, context } = snapshot;
  const events: LifecycleEvent[] = [
    { type: 'run' },
    { type: 'pause' },
    { type: 'resume' },
    { type: 'stop' },
    { type: 'retry' },
    { type: 'session.resume' },
    { type: 'approval.answer' },
    { type: 'budget.change' },
  ];
  if (!context.grown) events.push({ type: 'definition.change' });
  const settledSome = context.completed + context.failed > 0;
  if (value !== 'running' || settledSome) events.push({ type: 'session.pause' });
  if (context.limited && value !== 'pausing' && value !== 'stopping') events.push({ type: 'quota.opened' });
  if (context.live === 0) {
    if (value === 'running' && context.retrying > 0) events.push({ type: 'session.ready' });
    return events;
  }
  events.push({ type: 'session.settled', outcome: 'completed' });
  if (value === 'stopping') events.push({ type: 'session.settled', outcome: 'stopped' });
  else events.push({ type: 'session.settled', outcome: 'failed' });
  if (value === 'pausing') events.push({ type: 'session.yielded', reason: 'pause' });
  if (context.money !== 'exceeded' && value !== 'stopping') events.push({ type: 'budget.exceeded' });
  if (context.money === 'within') events.push({ type: 'budget.warning' });
  events.push({ type: 'journal.failed' });
  if (value !== 'running') return events;
  events.push(
    { type: 'session.yielded', reason: 'retry' },
    { type: 'quota.tooLong' },
    { type: 'agent.unavailable' },
  );
  if (context.retrying > 0) events.push({ type: 'session.ready' });
  return events;
}
