import { assign, setup } from 'xstate';
import type { PauseReason, SettledGroup } from '../../../../machines/vocabulary.ts';
import { mayBeCompleted } from './oracle.ts';
import {
  admitted,
  died,
  idsWith,
  isOverBudget,
  liveIn,
  nextToStart,
  onlyHeldLeft,
  parked,
  paused,
  reopened,
  requeued,
  resumed,
  retryableIn,
  settled,
  settledIn,
  stopped,
} from './sessions.ts';
import type { LifecycleContext, LifecycleEvent, LifecycleInput, ModelledSession } from './types.ts';

/** The guards and actions of the lifecycle model. */

/** Something is still to be delivered. */
const isPending = ({ asked, delivers, delivered }: LifecycleContext) =>
  asked || (delivers === true && !delivered);
const isSettled = (context: LifecycleContext) => settledIn(context).size === context.sessions.length;
const hasSucceeded = (context: LifecycleContext) =>
  mayBeCompleted(context.sessions, settledIn(context)) && !context.delivering;

const accepted = { answer: 'accepted' } as const;

/** Everything that can go on does. */
const atWork = (context: LifecycleContext) => ({ ...resumed(context), errors: 0, reason: undefined });

/** Whom the event is about. */
const sessionIn = (event: LifecycleEvent): string => ('session' in event ? (event.session ?? '') : '');

const accountOf = ({ sessions }: LifecycleContext, id: string): string =>
  sessions.find(session => session.id === id)?.account ?? '';

/** The account's limit is reached. */
const limitedBy = (context: LifecycleContext, id: string, long: boolean) => ({
  limited: { account: accountOf(context, id), long },
});

export const lifecycle = setup({
  types: {
    context: {} as LifecycleContext,
    events: {} as LifecycleEvent,
    input: {} as LifecycleInput,
  },
  guards: {
    succeeded: ({ context }) => hasSucceeded(context) && !isPending(context),
    allSettled: ({ context }) => isSettled(context) && !context.delivering,
    deliverable: ({ context }) => hasSucceeded(context) && isPending(context),
    unfinished: ({ context }) => !hasSucceeded(context),
    delivers: ({ context }) => context.delivers === true,
    somethingMerged: ({ context }) => context.delivers === true && idsWith(context, 'completed').length > 0,
    deliversSettled: ({ context }) => context.before !== undefined,
    deliveredSettled: ({ context }) => context.before !== undefined && !context.delivering && !context.asked,
    hadCompleted: ({ context }) => context.before === 'completed',
    wasStoppedBefore: ({ context }) => context.before === 'stopped',
    tooManyErrorsPause: ({ context }) => context.errors >= context.errorThreshold && context.pauseOnError,
    tooManyErrorsStop: ({ context }) => context.errors >= context.errorThreshold && !context.pauseOnError,
    exceedPauses: ({ context }) => context.onBudgetExceeded === 'pause',
    exceedStops: ({ context }) => context.onBudgetExceeded === 'stop',
    noneLive: ({ context }) => liveIn(context).length === 0 && !context.delivering,
    overBudget: ({ context }) => isOverBudget(context),
    limitedLong: ({ context }) => context.limited?.long === true && !onlyHeldLeft(context),
    canAdmit: ({ context }) => nextToStart(context) !== undefined,
    somethingToRetry: ({ context }) => retryableIn(context).length > 0,
    isWithin: ({ context }) => context.money === 'within',
    onlyHeldLeft: ({ context }) => onlyHeldLeft(context),
    namesSession: ({ event }) => 'session' in event && event.session !== undefined,
  },
  actions: {
    accept: assign(accepted),
    refuse: assign((_, params: { code: string }) => ({ answer: params.code })),
    because: assign((_, params: { reason: PauseReason }) => ({ reason: params.reason })),
    start: assign(({ context }) => atWork(context)),
    reopen: assign(({ context }) => reopened(context)),
    reopenAndStart: assign(({ context }) => atWork(reopened(context))),
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
    hold: assign(({ context, event }) => ({ held: [...context.held, sessionIn(event)] })),
    release: assign(({ context, event }) => ({ held: context.held.filter(id => id !== sessionIn(event)) })),
    forgetDelivery: assign({ asked: false, before: undefined }),
    /** A session that has no attempt is paused at once; live sessions are asked to pause. */
    pauseWaiting: assign(({ context }) => paused(context)),
    /** With the engine all attempts die. That an account is closed has been written down. */
    lose: assign(({ context }) => died(context)),
    stopWaiting: assign(({ context }) => stopped(context)),
    grow: assign(({ context }) => {
      const account = context.sessions[0]?.account;
      const added: ModelledSession = {
        ...{ id: 'added', dependsOn: [], trigger: 'all', priority: 0, allowFailure: false },
        ...{ project: 'added', account },
      };
      return { sessions: [...context.sessions, added], grown: true };
    }),
    admit: assign(({ context, event }) => admitted(context, event.started)),
    settle: assign(({ context, event }) =>
      event.type === 'session.settled' ? settled(context, event.session, event.outcome) : {},
    ),
    yieldSlot: assign(({ context, event }) => {
      if (event.type !== 'session.yielded') return {};
      const statuses = { pause: 'paused', retry: 'retrying', quota: 'quota_wait' } as const;
      return {
        ...parked(context, event.session, statuses[event.reason]),
        ...(event.reason === 'quota' ? limitedBy(context, event.session, false) : {}),
      };
    }),
    goOn: assign(({ context }) => requeued(context, idsWith(context, 'retrying'))),
    askPerson: assign(({ context, event }) => parked(context, sessionIn(event), 'awaiting_approval')),
    answer: assign(({ context, event }) => parked(context, sessionIn(event), 'running')),
    meetLimit: assign(({ context, event }) => ({
      ...parked(context, sessionIn(event), 'paused'),
      ...limitedBy(context, sessionIn(event), true),
    })),
    loseLogin: assign(({ context, event }) => parked(context, sessionIn(event), 'paused')),
    warn: assign({ money: 'warned' }),
    exceed: assign({ money: 'exceeded' }),
    raise: assign({ money: 'within', ...accepted }),
    /** Until then, all retries are due as well. */
    openAccount: assign(({ context }) => ({
      ...requeued(context, idsWith(context, 'retrying', 'quota_wait')),
      limited: undefined,
    })),
  },
});
