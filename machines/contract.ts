import type { AnyActorRef } from 'xstate';
import type {
  ErrorCode,
  GroupStatus,
  PauseReason,
  SessionError,
  SettledStatus,
  SkipReason,
} from './vocabulary.ts';

/**
 * What the charts and their host share. The charts do no I/O and read no clock: all they know of the world
 * comes through these ports (as input) and through the actions and actors that the host provides.
 *
 * Rule that makes the charts explorable: an action changes nothing but the roster that `writable()` returns.
 */

/** A request that wants an answer carries an id; `accept` and `refuse` hand it back to whoever waits for it. */
interface Control {
  readonly request?: string;
}

/** Why a chart refuses a request. */
export type RefusalCode =
  | 'not_in_this_state'
  | 'budget_exhausted'
  | 'session_not_pausable'
  | 'session_not_paused'
  | 'no_such_request'
  | 'still_pausing'
  | 'already_paused'
  | 'already_stopped'
  | 'nothing_to_retry'
  | 'sessions_in_the_way';

/** A new definition, as the chart sees it: sessions by their ids. The host knows the rest by its revision. */
export interface Redefinition {
  readonly revision: number;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  /** Sessions that have new edges, the added ones included. */
  readonly edges: readonly string[];
}

/** Why a session gave its slot back without having settled. */
export type YieldReason = 'pause' | 'retry' | 'quota';

/** What the group's chart takes. */
export type GroupMachineEvent =
  | (Control & { readonly type: 'run'; readonly reason?: 'recovery'; readonly limitMicroUsd?: number })
  | (Control & { readonly type: 'pause'; readonly reason: PauseReason })
  /** With a limit: it is set if the group goes on under it. */
  | (Control & { readonly type: 'resume'; readonly limitMicroUsd?: number })
  | (Control & { readonly type: 'stop' })
  | (Control & { readonly type: 'retry'; readonly sessions?: readonly string[]; readonly fresh?: boolean })
  | (Control & { readonly type: 'session.pause'; readonly id: string })
  | (Control & { readonly type: 'session.resume'; readonly id: string })
  | (Control & {
      readonly type: 'approval.answer';
      readonly id: string;
      readonly requestId: string;
      readonly decision: 'allow' | 'deny';
      readonly by: string;
    })
  | (Control & { readonly type: 'budget.change'; readonly limitMicroUsd: number })
  | (Control & { readonly type: 'definition.change'; readonly change: Redefinition })
  | { readonly type: 'budget.changed' }
  | { readonly type: 'budget.exceeded' }
  | { readonly type: 'quota.opened' }
  | { readonly type: 'quota.tooLong' }
  /** The world outside the chart changed (a project was freed, a limit was lifted): admission is judged again. */
  | { readonly type: 'admission.changed' }
  | { readonly type: 'agent.unavailable'; readonly code: ErrorCode }
  /** A record could not be written, or only into what was kept back for that. */
  | { readonly type: 'journal.failed' }
  | {
      readonly type: 'session.settled';
      readonly id: string;
      readonly outcome: 'completed' | 'failed' | 'stopped';
      readonly error?: SessionError;
    }
  | {
      readonly type: 'session.yielded';
      readonly id: string;
      readonly reason: YieldReason;
      readonly until?: number;
    }
  | { readonly type: 'session.ready'; readonly id: string }
  /** XState's own: a child has thrown. */
  | { readonly type: `xstate.error.actor.${string}`; readonly error: unknown; readonly actorId: string };

/** What the group tells a parent machine that passed itself as `parent`. */
export type GroupReport = {
  readonly type: 'group.report';
  readonly status: GroupStatus;
  readonly reason?: string;
};

/** What a session's chart takes. */
export type SessionMachineEvent =
  | { readonly type: 'slot.granted' }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'stop' }
  /** The host's watchdogs: idle, attempt, and the session's own budget. */
  | { readonly type: 'timeout'; readonly error: SessionError }
  | {
      readonly type: 'approval.answer';
      readonly requestId: string;
      readonly decision: 'allow' | 'deny';
      readonly by: string;
    }
  /** The next five mean that the attempt's process tree has gone; nothing of that attempt follows. */
  | { readonly type: 'agent.done'; readonly denials: number }
  | { readonly type: 'agent.failed'; readonly error: SessionError }
  | { readonly type: 'agent.limited'; readonly until?: number; readonly message: string }
  | { readonly type: 'agent.ended' }
  /** By a cap that stood for what the group had left: no failure, it goes on as soon as the group may. */
  | { readonly type: 'agent.capped'; readonly error: SessionError }
  /** Its start could not be journalled, so there was none (I10). */
  | { readonly type: 'agent.unstarted' }
  | { readonly type: 'agent.approval'; readonly requestId: string; readonly tool: string }
  | { readonly type: 'agent.withdrew'; readonly requestId: string };

export interface RetryLimits {
  readonly maximumAttempts: number;
  readonly initialInterval: number;
  readonly backoffCoefficient: number;
  readonly maximumInterval: number;
  readonly nonRetryableErrorTypes: readonly ErrorCode[];
}

/** What a session's chart is started with. */
export interface SessionInput {
  readonly id: string;
  /** Attempts and counted failures before this actor; 0 unless recovered or retried. */
  readonly attempts: number;
  readonly failures: number;
  readonly retry: RetryLimits;
  /** Nothing to prepare: the chart goes straight to work. */
  readonly prepared: boolean;
  /** A denied permission fails the session (spec-session-groups.md §5, "Permissions"). */
  readonly failOnDenial: boolean;
  readonly port: SessionPort;
}

/** What a session's chart remembers. */
export interface SessionContext extends SessionInput {
  /** Why an attempt is being interrupted; stop wins over pause, pause over timeout. */
  readonly intent: 'pause' | 'stop' | 'timeout' | undefined;
  /** Epoch milliseconds until which a retry or a quota wait lasts. */
  readonly deadline: number;
  /** The approval that the agent waits for. */
  readonly requestId: string | undefined;
  readonly error: SessionError | undefined;
}

/** What a session's chart asks of its host. */
export interface SessionPort {
  /** Wall time, epoch milliseconds. */
  now(): number;
  /** When the account's gate opens again, for a limit with or without a known reset time. */
  limitDeadline(id: string, until: number | undefined): number;
}

/** A session that may start or go on now; the caller holds its slot from here. */
export interface Admission {
  readonly id: string;
  /** A fresh one needs an actor; one that was in play has one. */
  readonly fresh: boolean;
}

/** The spend of a group against its limit. Live: it changes under the chart as usage arrives. */
export interface BudgetPort {
  readonly usedMicroUsd: number;
  /** Infinity without a limit. */
  readonly limitMicroUsd: number;
  readonly warnAtMicroUsd: number;
  readonly action: 'pause' | 'stop' | 'warn';
  setLimit(limitMicroUsd: number): void;
}

/** The gate of the accounts that the group's agents use. */
export interface QuotaPort {
  /** Epoch milliseconds at which the next closed account opens; undefined when all are open. */
  readonly closedUntil: number | undefined;
  /** Whether that is further away than the group is willing to wait. */
  readonly tooLong: boolean;
}

/** The sessions of a group and the slots they hold; implemented by the host, held by reference. */
export interface RosterPort {
  /** Wall time, epoch milliseconds. */
  now(): number;
  /** The roster to change: itself, or a copy of it while a chart is explored. */
  writable(): RosterPort;

  readonly restored: GroupStatus | undefined;
  readonly budget: BudgetPort;
  readonly quota: QuotaPort;
  /** Sessions that are not settled. */
  readonly left: number;
  /** Settled sessions that forbid `completed` (I5). */
  readonly bad: number;
  /** Slots held. */
  readonly live: number;
  /** Sessions with an actor, or that had one before a crash. */
  readonly inPlay: number;
  /** Candidates that wait for nothing but a slot. */
  readonly ready: number;
  readonly maxConcurrent: number;
  readonly tooManyErrors: boolean;
  readonly pauseOnError: boolean;
  /** Nothing can go on but sessions that a person holds. */
  readonly onlyHeldLeft: boolean;
  /** Records wait to be written: what they say is not yet so for the next owner. */
  readonly unwritten: boolean;
  readonly reason: string | undefined;

  isPausable(id: string): boolean;
  isResumable(id: string): boolean;
  awaitsAnswer(id: string, requestId: string): boolean;
  retryable(ids: readonly string[] | undefined): boolean;
  mayRedefine(change: Redefinition): boolean;

  because(reason: string): void;
  /** Takes the best candidate whose project and account are free, with its slot; undefined when there is none. */
  admitNext(): Admission | undefined;
  inputOf(id: string): SessionInput;
  settle(id: string, outcome: SettledStatus, error?: SessionError): void;
  park(id: string, reason: YieldReason): void;
  requeue(id: string): void;
  hold(id: string): void;
  release(id: string): void;
  reconsider(): void;
  skipWaiting(reason: SkipReason): void;
  /** Sessions that were in play before a crash and have no actor yet: stopped, or queued again. */
  settleActorless(): void;
  requeueActorless(): void;
  forgetErrors(): void;
  reopen(ids: readonly string[] | undefined, fresh: boolean): void;
  redefine(change: Redefinition): void;
  /** Ids of sessions that have an actor. */
  actors(): readonly string[];
  /** Of these, the ones that a resume of the group wakes: paused and not held. */
  sleepers(): readonly string[];
}

/** What the group's chart is started with. */
export interface GroupInput {
  readonly roster: RosterPort;
  /** Told by `group.report` when the group pauses or settles: pass `self` when a machine of yours invokes it. */
  readonly parent?: AnyActorRef;
}
