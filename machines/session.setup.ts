import { assertEvent, assign, fromPromise, sendParent, setup } from 'xstate';
import type {
  GroupMachineEvent,
  SessionContext,
  SessionInput,
  SessionMachineEvent,
  StartedStep,
} from './contract.ts';
import { notProvided } from './not-provided.ts';
import * as guards from './session-guards.ts';
import { MOST_LOSSES, NO_CORRECTIONS, type SessionStatus, withCorrection } from './vocabulary.ts';

/** Input of the actor that prepares a session. */
export interface PrepareInput {
  readonly id: string;
}

/** The vocabulary of the session chart: its guards, actions and delays. */
export const sessionSetup = setup({
  types: {
    context: {} as SessionContext,
    events: {} as SessionMachineEvent,
    input: {} as SessionInput,
    tags: {} as 'settled' | 'live',
  },
  actors: {
    /** Renders the prompt and generates configuration; rejects with a message for people. Aborted by its signal. */
    prepare: fromPromise<void, PrepareInput>(notProvided('prepare')),
  },
  guards,
  delays: {
    grace: 5_000,
    untilDeadline: ({ context }) => Math.max(0, context.deadline - context.port.now()),
  },
  actions: {
    // What the host does; the chart only says when.
    startAttempt: notProvided('startAttempt'),
    /** Takes over the attempt that another engine has started; what it has reported since follows. */
    adoptAttempt: notProvided('adoptAttempt'),
    ask: notProvided('ask'),
    terminate: notProvided('terminate'),
    kill: notProvided('kill'),
    answer: notProvided('answer'),
    /** Gives its agent the messages that wait. */
    handMessages: notProvided('handMessages'),
    /** Journals that its agent was done, and goes on. */
    announceGoingOn: notProvided('announceGoingOn'),
    /** Journals and shows a session's new status. */
    show: notProvided('show') as (args: unknown, params: { status: SessionStatus }) => void,
    /** Journals that the session is going to be tried again at `context.deadline`. */
    announceRetry: notProvided('announceRetry'),
    /** Journals that an account's limit was met; the session waits until `context.deadline`. */
    announceLimit: notProvided('announceLimit'),
    /** Says why the session cannot go on now. */
    announceUnavailable: notProvided('announceUnavailable'),
    /** Says why its work cannot be merged without a person. */
    announceBlocked: notProvided('announceBlocked'),
    /** One of the steps of its tree: exactly one `step.…` event answers it, in a later turn. */
    startStep: notProvided('startStep') as (args: unknown, params: { step: StartedStep }) => void,
    /** Ends what the step has started. */
    cutOff: notProvided('cutOff'),
    requestNoted: notProvided('requestNoted'),
    requestForgotten: notProvided('requestForgotten'),

    countAttempt: assign(({ context }) => ({
      attempts: context.attempts + 1,
      intent: undefined,
      error: undefined,
      requestId: undefined,
    })),
    forgetAdoption: assign({ adopted: undefined }),
    uncountAttempt: assign(({ context }) => ({ attempts: context.attempts - 1 })),
    noteError: assign(({ event }) => {
      assertEvent(event, ['agent.failed', 'timeout', 'step.failed', 'step.red', 'step.conflict']);
      return { error: event.error };
    }),
    noteDone: assign(({ context }) => ({
      step: context.tree?.own ? ('saving' as const) : ('verifying' as const),
      changedByChecks: false,
    })),
    noteStepTaken: assign(({ context: { step, tree } }) => ({
      step: step === 'saving' && tree?.verifies ? ('verifying' as const) : ('integrating' as const),
    })),
    /** Its conversation goes on, and is told why. */
    noteCorrection: assign(({ context: { corrected = NO_CORRECTIONS }, event }) => {
      assertEvent(event, ['step.red', 'step.conflict']);
      return { error: event.error, corrected: withCorrection(corrected, event.error.code), step: undefined };
    }),
    noteChange: assign({ step: 'saving' as const, changedByChecks: true }),
    noteUnsteadyChecks: assign({
      error: { code: 'verify_failed' as const, message: 'the checks change files each time they run' },
    }),
    forgetIntent: assign({ intent: undefined }),
    notePrepareError: assign(({ event }) => {
      const reason = 'error' in event ? event.error : undefined;
      const message = reason instanceof Error ? reason.message : String(reason);
      return { error: { code: 'prepare_failed' as const, message } };
    }),
    noteDenial: assign(({ event }) => {
      assertEvent(event, 'agent.done');
      return {
        error: {
          code: 'permission_denied' as const,
          message:
            event.denied ??
            (event.denials > 1
              ? `${event.denials} requests for permission were denied`
              : 'a request for permission was denied'),
        },
      };
    }),
    planRetry: assign(({ context }) => {
      const { initialInterval, backoffCoefficient, maximumInterval } = context.retry;
      const delay = Math.min(maximumInterval, initialInterval * backoffCoefficient ** context.failures);
      return { failures: context.failures + 1, losses: 0, deadline: context.port.now() + delay };
    }),
    /** Again without a wait, and without counting it as a failure. */
    planNow: assign(({ context }) => ({ losses: 0, deadline: context.port.now() })),
    /** The same, counted only among losses in a row. */
    planAfterLoss: assign(({ context: { losses = 0, port }, event }) => {
      assertEvent(event, 'agent.lost');
      const error = event.returned
        ? { code: 'worker_drained' as const, message: 'its worker was stopped' }
        : { code: 'worker_lost' as const, message: 'its worker is gone' };
      return { error, losses: event.returned ? losses : losses + 1, deadline: port.now() };
    }),
    noteLastLoss: assign({
      error: {
        code: 'process_lost' as const,
        message: `its worker was lost ${MOST_LOSSES + 1} times in a row`,
      },
    }),
    noteGoingOn: assign({ askedToGoOn: true }),
    noteLimit: assign(({ context, event }) => {
      assertEvent(event, 'agent.limited');
      return {
        deadline: context.port.limitDeadline(context.id, event.until),
        error: { code: 'rate_limited' as const, message: event.message },
      };
    }),
    noteRequest: assign(({ event }) => {
      assertEvent(event, 'agent.approval');
      return { requestId: event.requestId };
    }),
    forgetRequest: assign({ requestId: undefined }),
    intendPause: assign({ intent: 'pause' as const }),
    intendStop: assign({ intent: 'stop' as const }),
    intendTimeout: assign(({ event }) => {
      assertEvent(event, 'timeout');
      return { intent: 'timeout' as const, error: event.error };
    }),

    reportUnavailable: sendParent(({ event }): GroupMachineEvent => {
      assertEvent(event, 'agent.failed');
      return { type: 'agent.unavailable', code: event.error.code };
    }),
    reportBlocked: sendParent(
      ({ context }): GroupMachineEvent => ({ type: 'session.blocked', id: context.id }),
    ),
    wantMerge: sendParent(({ context }): GroupMachineEvent => ({ type: 'merge.wanted', id: context.id })),
    wantSlot: sendParent(({ context }): GroupMachineEvent => ({ type: 'session.ready', id: context.id })),
    yieldSlot: sendParent(
      ({ context }): GroupMachineEvent => ({ type: 'session.yielded', id: context.id, reason: 'pause' }),
    ),
    yieldForRetry: sendParent(
      ({ context }): GroupMachineEvent => ({
        type: 'session.yielded',
        id: context.id,
        reason: 'retry',
        until: context.deadline,
      }),
    ),
    yieldToContinue: sendParent(
      ({ context }): GroupMachineEvent => ({
        type: 'session.yielded',
        id: context.id,
        reason: 'continue',
      }),
    ),
    yieldForQuota: sendParent(
      ({ context }): GroupMachineEvent => ({
        type: 'session.yielded',
        id: context.id,
        reason: 'quota',
        until: context.deadline,
      }),
    ),
    report: sendParent(
      ({ context }, params: { outcome: 'completed' | 'failed' | 'stopped' }): GroupMachineEvent => ({
        type: 'session.settled',
        id: context.id,
        outcome: params.outcome,
        ...(params.outcome === 'failed' && context.error ? { error: context.error } : {}),
      }),
    ),
  },
});
