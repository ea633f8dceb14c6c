import { assign, fromPromise, sendParent, setup } from 'xstate';
import type { GroupMachineEvent, SessionContext, SessionInput, SessionMachineEvent } from './contract.ts';
import { notProvided } from './not-provided.ts';
import {
  answersRequest,
  deniedWork,
  forPause,
  forPauseRetryable,
  forStop,
  forTimeout,
  prepared,
  retryable,
} from './session-guards.ts';
import type { SessionStatus } from './vocabulary.ts';

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
  guards: {
    prepared,
    retryable,
    deniedWork,
    answersRequest,
    forStop,
    forPause,
    forPauseRetryable,
    forTimeout,
  },
  delays: {
    grace: 5_000,
    untilDeadline: ({ context }) => Math.max(0, context.deadline - context.port.now()),
  },
  actions: {
    // What the host does; the chart only says when.
    startAttempt: notProvided('startAttempt'),
    ask: notProvided('ask'),
    terminate: notProvided('terminate'),
    kill: notProvided('kill'),
    answer: notProvided('answer'),
    /** Journals and shows a session's new status. */
    show: notProvided('show') as (args: unknown, params: { status: SessionStatus }) => void,
    /** Journals that the session is going to be tried again at `context.deadline`. */
    announceRetry: notProvided('announceRetry'),
    /** Journals that an account's limit was met; the session waits until `context.deadline`. */
    announceLimit: notProvided('announceLimit'),
    requestNoted: notProvided('requestNoted'),
    requestForgotten: notProvided('requestForgotten'),

    countAttempt: assign(({ context }) => ({
      attempts: context.attempts + 1,
      intent: undefined,
      error: undefined,
      requestId: undefined,
    })),
    uncountAttempt: assign(({ context }) => ({ attempts: context.attempts - 1 })),
    noteError: assign(({ event }) => ('error' in event ? { error: event.error } : {})),
    notePrepareError: assign((_, params: { message: string }) => ({
      error: { code: 'prepare_failed' as const, message: params.message },
    })),
    noteDenial: assign(({ event }) => ({
      error: {
        code: 'permission_denied' as const,
        message:
          event.type === 'agent.done' && event.denials > 1
            ? `${event.denials} requests for permission were denied`
            : 'a request for permission was denied',
      },
    })),
    planRetry: assign(({ context, event }) => {
      const { initialInterval, backoffCoefficient, maximumInterval } = context.retry;
      const delay = Math.min(maximumInterval, initialInterval * backoffCoefficient ** context.failures);
      return {
        failures: context.failures + 1,
        deadline: context.port.now() + delay,
        error: 'error' in event ? event.error : context.error,
      };
    }),
    /** Again without a wait, and without counting it as a failure. */
    planNow: assign(({ context, event }) => ({
      deadline: context.port.now(),
      error: 'error' in event ? event.error : context.error,
    })),
    noteLimit: assign(({ context, event }) =>
      event.type === 'agent.limited'
        ? {
            deadline: context.port.limitDeadline(context.id, event.until),
            error: { code: 'rate_limited' as const, message: event.message },
          }
        : {},
    ),
    noteRequest: assign(({ event }) =>
      event.type === 'agent.approval' ? { requestId: event.requestId } : {},
    ),
    forgetRequest: assign({ requestId: undefined }),
    aimAtPause: assign({ intent: 'pause' as const }),
    aimAtStop: assign({ intent: 'stop' as const }),
    aimAtTimeout: assign(({ event }) =>
      event.type === 'timeout' ? { intent: 'timeout' as const, error: event.error } : {},
    ),

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
