import { assign, setup } from 'xstate';
import type { PauseReason, SettledGroup } from '../../../machines/vocabulary.ts';
import type { LifecycleContext, LifecycleEvent, LifecycleInput } from './lifecycle-types.ts';

/** The guards and actions of the lifecycle model: they count sessions. */

/** Something is still to be delivered. */
const isPending = ({ asked, delivers, delivered }: LifecycleContext) =>
  asked || (delivers === true && !delivered);

const accepted = { answer: 'accepted' } as const;

/** Everything that can run becomes live. */
const atWork = (context: LifecycleContext) => ({
  live: context.live + context.pending + context.paused + context.lost + context.retrying,
  pending: 0,
  paused: 0,
  retrying: 0,
  lost: 0,
  errors: 0,
  reason: undefined,
});
const reopened = (context: LifecycleContext) => ({
  pending: context.pending + context.failed + context.stopped,
  failed: 0,
  stopped: 0,
});

export const lifecycle = setup({
  types: {
    context: {} as LifecycleContext,
    events: {} as LifecycleEvent,
    input: {} as LifecycleInput,
  },
  guards: {
    succeeded: ({ context }) =>
      context.completed === context.sessions && !isPending(context) && !context.delivering,
    allSettled: ({ context }) =>
      context.completed + context.failed + context.stopped === context.sessions && !context.delivering,
    deliverable: ({ context }) =>
      context.completed === context.sessions && isPending(context) && !context.delivering,
    unfinished: ({ context }) => context.completed < context.sessions,
    delivers: ({ context }) => context.delivers === true,
    somethingMerged: ({ context }) => context.delivers === true && context.completed > 0,
    deliversSettled: ({ context }) => context.before !== undefined,
    deliveredSettled: ({ context }) => context.before !== undefined && !context.delivering && !context.asked,
    hadCompleted: ({ context }) => context.before === 'completed',
    wasStoppedBefore: ({ context }) => context.before === 'stopped',
    tooManyErrors: ({ context }) => context.errors >= context.errorThreshold,
    noneLive: ({ context }) => context.live === 0 && !context.delivering,
    overBudget: ({ context }) => context.money === 'exceeded',
    limited: ({ context }) => context.limited,
    somethingPending: ({ context }) => context.pending > 0,
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
    ask: assign((_, { before }: { before: SettledGroup | 'nothing' }) => ({
      asked: true,
      before: before === 'nothing' ? undefined : before,
    })),
    deliver: assign({ delivering: true }),
    noteDelivered: assign({ delivering: false, delivered: true, asked: false }),
    noteDeliveryEnded: assign(({ context }) => ({
      delivering: false,
      asked: context.asked && context.before === undefined,
    })),
    forgetDelivery: assign({ asked: false, before: undefined }),
    /** A session that waits for a retry is paused at once; live sessions are asked to pause. */
    pauseWaiting: assign(({ context }) => ({ paused: context.paused + context.retrying, retrying: 0 })),
    /** With the engine all attempts die. That an account is closed has been written down. */
    lose: assign(({ context }) => ({ live: 0, lost: context.live, died: true })),
    pauseLost: assign(({ context }) => ({
      paused: context.paused + context.lost + context.retrying,
      retrying: 0,
      lost: 0,
    })),
    stopWaiting: assign(({ context }) => ({
      stopped: context.stopped + context.retrying + context.paused + context.pending + context.lost,
      retrying: 0,
      paused: 0,
      pending: 0,
      lost: 0,
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
        delivered: context.delivered && outcome !== 'completed',
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
    loseLogin: assign(({ context }) => ({ live: context.live - 1, paused: context.paused + 1 })),
    warn: assign({ money: 'warned' }),
    exceed: assign({ money: 'exceeded' }),
    raise: assign({ money: 'within', ...accepted }),
    openAccount: assign({ limited: false }),
  },
});
