import { type AnyActorRef, assertEvent, assign, type EventObject, fromCallback, setup } from 'xstate';
import { budgetMachine } from './budget.machine.ts';
import type { GroupInput, GroupMachineEvent, RefusalCode, RosterPort } from './contract.ts';
import * as guards from './group-guards.ts';
import { notProvided } from './not-provided.ts';
import { quotaMachine } from './quota.machine.ts';
import { sessionMachine } from './session.machine.ts';
import type { GroupReason, SettledGroup } from './vocabulary.ts';

/** What the group's chart remembers: the roster by reference, and a revision number. */
export interface GroupContext {
  /** Held by reference, with a revision: the chart never copies a record per session. */
  readonly roster: RosterPort;
  /** Grows with every step that changes how sessions stand. */
  readonly revision: number;
  readonly parent: AnyActorRef | undefined;
  /** The group's id; undefined if its host has not named it. */
  readonly id: string | undefined;
}

/** Ids of the two invoked charts; `#` keeps them apart from sessions, whose actors carry the session's id. */
export const BUDGET_ACTOR = '#budget';
/** The id of the child that waits for accounts to open; no session can have it. */
export const QUOTA_ACTOR = '#quota';
/** The id of the child that ends the sessions' actors with the group's. */
export const KEEPER_ACTOR = '#keeper';

/** Group events that a transition journals; the host adds what they carry. */
export type JournalledStep =
  | 'group_started'
  | 'group_delivering'
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
export const changing =
  (apply: (roster: RosterPort, event: GroupMachineEvent) => void) =>
  ({ context, event }: ChangeArgs) => {
    const roster = context.roster.writable();
    apply(roster, event);
    return { roster, revision: context.revision + 1 };
  };

/** Lives as long as the group's actor: XState ends what is in its snapshot, and sessions are not. */
const keeper = fromCallback<EventObject, { readonly roster: RosterPort }>(({ input: { roster } }) => () => {
  for (const id of roster.actors()) roster.actorOf(id)?.send({ type: 'group.gone' });
});

/** What the group's chart names, with the actions that only its host can take. */
export const ground = setup({
  types: {
    context: {} as GroupContext,
    events: {} as GroupMachineEvent,
    input: {} as GroupInput,
    tags: {} as 'opening' | 'settled' | 'resting',
  },
  actors: { session: sessionMachine, budget: budgetMachine, quota: quotaMachine, keeper },
  guards,
  delays: {
    /** Once the engine that has opened the group can be heard. */
    atOnce: 0,
  },
  actions: {
    // What the host does; the chart only says when.
    /** Lets the host learn the actor, whoever created it. */
    bind: notProvided('bind'),
    journal: notProvided('journal') as (args: unknown, params: { type: JournalledStep }) => void,
    /** Journals what the roster has noted in this step: skips, resolved dependencies. */
    journalNotes: notProvided('journalNotes'),
    accept: notProvided('accept'),
    /** Journals a message to a session. */
    journalMessage: notProvided('journalMessage'),
    /** From here on the new definition holds. */
    journalRedefinition: notProvided('journalRedefinition'),
    /** Tells of the sessions that it adds. */
    announceRedefinition: notProvided('announceRedefinition'),
    refuse: notProvided('refuse') as (args: unknown, params: { code: RefusalCode }) => void,
    /** A session's chart has thrown: its agent is ended, then the session fails. */
    failCrashedSession: notProvided('failCrashedSession'),
    /** Without its budget or quota chart the group must not continue: it fails with the child's error. */
    escalate: ({ event }) => {
      throw 'error' in event ? event.error : new Error('a child of the group has failed');
    },
    /** Journals that another engine runs the group from here on. */
    takeOver: notProvided('takeOver'),
    /** Exactly one `delivery.…` event answers it, in a later turn. */
    startDelivery: notProvided('startDelivery'),
    /** Ends what the delivery has started. */
    endDelivery: notProvided('endDelivery'),
    /** Journals that sessions which were in play when the engine died are paused. */
    journalPausedSessions: notProvided('journalPausedSessions'),

    /** `before`: as what the group had settled. */
    askToDeliver: assign(({ context, event }, { before }: { before: SettledGroup | 'nothing' }) => {
      assertEvent(event, 'integrate');
      const roster = context.roster.writable();
      roster.askToDeliver(event.into, before === 'nothing' ? undefined : before);
      return { roster, revision: context.revision + 1 };
    }),
    because: assign(({ context }, params: { reason: GroupReason }) => {
      const roster = context.roster.writable();
      roster.because(params.reason);
      return { roster, revision: context.revision + 1 };
    }),
  },
});
