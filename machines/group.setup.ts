import { type AnyActorRef, assign, setup } from 'xstate';
import { budgetMachine } from './budget.machine.ts';
import type {
  Admission,
  GroupInput,
  GroupMachineEvent,
  GroupReport,
  RefusalCode,
  RosterPort,
} from './contract.ts';
import * as guards from './group-guards.ts';
import { notProvided } from './not-provided.ts';
import { quotaMachine } from './quota.machine.ts';
import { sessionMachine } from './session.machine.ts';
import type { GroupStatus } from './vocabulary.ts';

/** What the group's chart remembers: the roster by reference, and a revision number. */
export interface GroupContext {
  /** Held by reference, with a revision: the chart never copies a record per session (architecture.md §4). */
  readonly roster: RosterPort;
  /** Grows with every change of the roster. */
  readonly r: number;
  readonly parent: AnyActorRef | undefined;
}

/** Ids of the two invoked charts; `#` keeps them apart from sessions, whose actors carry the session's id. */
export const BUDGET_ACTOR = '#budget';
/** The id of the child that waits for accounts to open; no session id can be like it. */
export const QUOTA_ACTOR = '#quota';

/** Group events that a transition journals; the host adds what they carry. */
export type JournalledStep =
  | 'group_started'
  | 'group_pausing'
  | 'group_paused'
  | 'group_resumed'
  | 'group_stopping'
  | 'group_stopped'
  | 'group_retried'
  | 'group_completed'
  | 'group_failed';

interface ChangeArgs {
  readonly context: GroupContext;
  readonly event: GroupMachineEvent;
}

/** An assigner that changes the roster and nothing else. */
const changing =
  (apply: (roster: RosterPort, event: GroupMachineEvent) => void) =>
  ({ context, event }: ChangeArgs) => {
    const roster = context.roster.writable();
    apply(roster, event);
    return { roster, r: context.r + 1 };
  };

const ground = setup({
  types: {
    context: {} as GroupContext,
    events: {} as GroupMachineEvent,
    input: {} as GroupInput,
    tags: {} as 'settled' | 'resting',
  },
  actors: { session: sessionMachine, budget: budgetMachine, quota: quotaMachine },
  guards,
  actions: {
    // What the host does; the chart only says when.
    /** Lets the host learn the actor, whoever created it. */
    bind: notProvided('bind'),
    journal: notProvided('journal') as (args: unknown, params: { type: JournalledStep }) => void,
    /** Journals what the roster decided in this step: skips, resolved dependencies. */
    publish: notProvided('publish'),
    accept: notProvided('accept'),
    /** From here on the new definition holds. */
    journalRedefinition: notProvided('journalRedefinition'),
    /** Tells of the sessions that it adds. */
    announceRedefinition: notProvided('announceRedefinition'),
    refuse: notProvided('refuse') as (args: unknown, params: { code: RefusalCode }) => void,
    /** A session's chart has thrown: its agent is ended, then the session fails. */
    bury: notProvided('bury'),
    /** Without its budget or quota chart the group must not go on: it fails with the child's error. */
    escalate: ({ event }) => {
      throw 'error' in event ? event.error : new Error('a child of the group has failed');
    },

    because: assign(({ context }, params: { reason: string }) => {
      const roster = context.roster.writable();
      roster.because(params.reason);
      return { roster, r: context.r + 1 };
    }),
    /** To a parent machine that passed itself: a group can be retried, so it never ends in a final state. */
    tellParent: ({ context }, params: { status: GroupStatus }) => {
      const { reason } = context.roster;
      const report: GroupReport = {
        type: 'group.report',
        status: params.status,
        ...(reason === undefined ? {} : { reason }),
      };
      context.parent?.send(report);
    },
  },
});

/** The vocabulary of the group chart: its guards, actions and actors. */
export const groupSetup = ground.extend({
  actions: {
    /** The reason is the one that the request gives. */
    becauseAsked: ground.assign(
      changing((roster, event) =>
        roster.because('reason' in event && event.reason ? event.reason : 'manual'),
      ),
    ),
    /** Drains up to the limit in one step: an `always` of its own for each would loop. */
    admit: ground.enqueueActions(({ context, enqueue }) => {
      const roster = context.roster.writable();
      const admitted: Admission[] = [];
      while (
        roster.ready > 0 &&
        guards.slotFree({ context: { roster }, event: { type: 'budget.changed' } })
      ) {
        const next = roster.admitNext();
        if (next) admitted.push(next);
      }
      enqueue.assign(({ spawn }) => {
        for (const { id, fresh } of admitted) if (fresh) spawn('session', { id, input: roster.inputOf(id) });
        return { roster, r: context.r + 1 };
      });
      for (const { id, fresh } of admitted) if (!fresh) enqueue.sendTo(id, { type: 'slot.granted' });
    }),
    settle: ground.enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'session.settled') return;
      const roster = context.roster.writable();
      roster.settle(event.id, event.outcome, event.error);
      enqueue.assign({ roster, r: context.r + 1 });
      enqueue.stopChild(event.id);
    }),
    park: ground.assign(
      changing((roster, event) => {
        if (event.type === 'session.yielded') roster.park(event.id, event.reason);
      }),
    ),
    requeue: ground.assign(
      changing((roster, event) => {
        if (event.type === 'session.ready') roster.requeue(event.id);
      }),
    ),
    hold: ground.assign(
      changing((roster, event) => {
        if (event.type === 'session.pause') roster.hold(event.id);
      }),
    ),
    release: ground.assign(
      changing((roster, event) => {
        if (event.type === 'session.resume') roster.release(event.id);
      }),
    ),
    reconsider: ground.assign(changing(roster => roster.reconsider())),
    skipWaiting: ground.assign(changing(roster => roster.skipWaiting('group_stopped'))),
    settleActorless: ground.assign(changing(roster => roster.settleActorless())),
    requeueActorless: ground.assign(changing(roster => roster.requeueActorless())),
    forgetErrors: ground.assign(changing(roster => roster.forgetErrors())),
    reopen: ground.assign(
      changing((roster, event) => {
        if (event.type === 'retry') roster.reopen(event.sessions, event.fresh ?? false);
      }),
    ),

    redefine: ground.assign(
      changing((roster, event) => {
        if (event.type === 'definition.change') roster.redefine(event.change);
      }),
    ),

    pauseAll: ground.enqueueActions(({ context, enqueue }) => {
      for (const id of context.roster.actors()) enqueue.sendTo(id, { type: 'pause' });
    }),
    stopAll: ground.enqueueActions(({ context, enqueue }) => {
      for (const id of context.roster.actors()) enqueue.sendTo(id, { type: 'stop' });
    }),
    resumeAll: ground.enqueueActions(({ context, enqueue }) => {
      for (const id of context.roster.sleepers()) enqueue.sendTo(id, { type: 'resume' });
    }),
    tellPause: ground.enqueueActions(({ event, enqueue }) => {
      if (event.type === 'session.pause') enqueue.sendTo(event.id, { type: 'pause' });
    }),
    tellResume: ground.enqueueActions(({ event, enqueue }) => {
      if (event.type === 'session.resume') enqueue.sendTo(event.id, { type: 'resume' });
    }),
    tellAnswer: ground.enqueueActions(({ event, enqueue }) => {
      if (event.type !== 'approval.answer') return;
      const { id, requestId, decision, by } = event;
      enqueue.sendTo(id, { type: 'approval.answer', requestId, decision, by });
    }),
    changeLimit: ground.enqueueActions(({ event, enqueue }) => {
      if (event.type !== 'run' && event.type !== 'resume') return;
      const { limitMicroUsd } = event;
      if (limitMicroUsd !== undefined) enqueue.sendTo(BUDGET_ACTOR, { type: 'budget.change', limitMicroUsd });
    }),
    forwardToBudget: ground.enqueueActions(({ event, enqueue }) => {
      if (event.type === 'budget.change') enqueue.sendTo(BUDGET_ACTOR, event);
    }),
    describeQuota: ground.sendTo(QUOTA_ACTOR, { type: 'quota.limited' }),
    restQuota: ground.sendTo(QUOTA_ACTOR, { type: 'group.left' }),
    wakeQuota: ground.enqueueActions(({ context, enqueue }) => {
      if (context.roster.quota.closedUntil !== undefined)
        enqueue.sendTo(QUOTA_ACTOR, { type: 'quota.limited' });
    }),
  },
});
