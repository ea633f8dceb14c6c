import type { AnyActorRef } from 'xstate';
import type {
  BudgetNews,
  ErrorCode,
  GroupStatus,
  PauseReason,
  SessionError,
  SettledGroup,
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
  | 'nothing_to_deliver'
  | 'branch_required'
  | 'sessions_in_the_way'
  /** Ways of `not_in_this_state`, the last two of a group whose engine died: hosts see that code, with a hint of its own. */
  | 'sessions_unfinished'
  | 'interrupted'
  | 'stop_unfinished';

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
  | (Control & { readonly type: 'run'; readonly limitMicroUsd?: number })
  | (Control & { readonly type: 'pause'; readonly reason: PauseReason })
  /** With a limit: it is set if the group continues under it. */
  | (Control & { readonly type: 'resume'; readonly limitMicroUsd?: number })
  | (Control & { readonly type: 'stop' })
  | (Control & { readonly type: 'retry'; readonly sessions?: readonly string[]; readonly fresh?: boolean })
  /** `into`: a branch of the user's. Default: the one that the definition names. */
  | (Control & { readonly type: 'integrate'; readonly into?: string })
  | (Control & { readonly type: 'session.pause'; readonly id: string })
  | (Control & { readonly type: 'session.resume'; readonly id: string })
  | (Control & {
      readonly type: 'approval.answer';
      readonly id: string;
      readonly requestId: string;
      readonly decision: 'allow' | 'deny';
      readonly by: string;
      /** The answer to a question. */
      readonly answer?: string;
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
  /** Its work is saved, and cannot be merged without a person. */
  | { readonly type: 'session.blocked'; readonly id: string }
  /** The answers to a delivery that was started or cut off; none of its processes is left. */
  | { readonly type: 'delivery.done' }
  | { readonly type: 'delivery.refused'; readonly reason: 'conflict' | 'delivery_refused' }
  | { readonly type: 'delivery.ended' }
  /** It has something to merge; it is told when its turn has come. */
  | { readonly type: 'merge.wanted'; readonly id: string }
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
  /** Raised by the group itself: `upstream` has settled, and with that, whether this waiting session may start. */
  | { readonly type: 'dependency.settled'; readonly id: string; readonly upstream: string }
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
      readonly answer?: string;
    }
  /** The next four mean that the attempt's process tree has gone; nothing of that attempt follows. */
  /** `denials`: requests that nobody could answer; `denied`: what they were, for people. */
  | { readonly type: 'agent.done'; readonly denials: number; readonly denied?: string }
  /** `cappedByGroup`: by a cap that stood for what the group had left. */
  | { readonly type: 'agent.failed'; readonly error: SessionError; readonly cappedByGroup?: true }
  | { readonly type: 'agent.limited'; readonly until?: number; readonly message: string }
  | { readonly type: 'agent.ended' }
  /** Its start could not be journalled, so there was none (I10). */
  | { readonly type: 'agent.unstarted' }
  | { readonly type: 'agent.approval'; readonly requestId: string; readonly tool: string }
  | { readonly type: 'agent.withdrew'; readonly requestId: string }
  /** The next six answer the step of the session's tree that was started last; none of its processes is left. */
  /** `differs`: what was merged before has changed the tree, so that it has to be checked again. */
  | { readonly type: 'step.done'; readonly differs?: boolean }
  /** A check has failed, or the agent left a conflict unresolved: its conversation is told so. */
  | { readonly type: 'step.red'; readonly error: SessionError }
  /** The checks were green, and have changed files. */
  | { readonly type: 'step.changed' }
  | { readonly type: 'step.conflict'; readonly error: SessionError }
  /** The group's branch has moved since the merge was planned. */
  | { readonly type: 'step.moved' }
  | { readonly type: 'step.failed'; readonly error: SessionError }
  /** It was cut off. */
  | { readonly type: 'step.ended' }
  /** It is this session's turn to merge. */
  | { readonly type: 'merge.granted' }
  /** The group's actor has been stopped: no timer of the session outlives it. */
  | { readonly type: 'group.gone' };

/** What the engine does with a session's tree, in this order. */
export type TreeStep = 'settingUp' | 'saving' | 'verifying' | 'integrating';

/** What can be left once its agent is done. */
export type PendingStep = Exclude<TreeStep, 'settingUp'>;

/** What the host is told to do with the session's tree. */
export type StartedStep = Exclude<TreeStep, 'integrating'> | 'merging' | 'checking' | 'advancing';

/** What a session's definition asks for beyond the agent's work. */
export interface TreePlan {
  /** It works in a tree of its own, and what it did is saved as a commit. */
  readonly own: boolean;
  /** Its checks decide whether it is done. */
  readonly verifies: boolean;
  /** Its commit is merged with those of the others. */
  readonly integrates: boolean;
  /** The checks run again where that changes its tree. */
  readonly verifiesMerge: boolean;
  /** Its own conversation resolves conflicts. */
  readonly resolves: boolean;
  /** How often its conversation is told of checks that have failed, or of a conflict. */
  readonly corrections: number;
}

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
  /** The conversation's agent was asked to go on after it was done without a word. Default: false. */
  readonly askedToGoOn?: boolean;
  /** Default: the agent's word is enough, in the project's own folder. */
  readonly tree?: TreePlan;
  /** Its agent is done, and this is the step that is left to be taken. */
  readonly step?: PendingStep | undefined;
  /** How often its conversation has been told of something to correct; 0 unless recovered. */
  readonly corrected?: number;
  /** A denied permission fails the session (spec-session-groups.md §5, "Permissions"). */
  readonly failOnDenial: boolean;
  /** It brings a login of its own, so that a login that is refused says nothing about the other sessions. */
  readonly ownLogin: boolean;
  readonly port: SessionPort;
}

/** What a session's chart remembers. */
export interface SessionContext extends SessionInput {
  /** Why an attempt is being interrupted; stop wins over pause, pause over timeout. */
  readonly intent: 'pause' | 'stop' | 'timeout' | undefined;
  /** Epoch milliseconds until which a retry or a quota wait lasts. */
  readonly deadline: number;
  /** Its checks have changed files once since the agent was done. */
  readonly changedByChecks: boolean;
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

/** A session that has just been given a slot. */
export interface Admission {
  readonly id: string;
  /** It has no actor yet: it is to be started; any other is granted its slot. */
  readonly fresh: boolean;
}

/** The spend of a group against its limit. Live: it changes under the chart as usage arrives. */
export interface BudgetPort {
  readonly usedMicroUsd: number;
  /** Of it, what the agents have reported and what their replies cost; the rest is a guess. Default: all of it. */
  readonly certainMicroUsd?: number;
  /** Infinity without a limit. */
  readonly limitMicroUsd: number;
  readonly warnAtMicroUsd: number;
  readonly action: 'pause' | 'stop' | 'warn';
  /** What was journalled of the limit before this engine, however much it had spent. Default: all that is due. */
  readonly announced?: BudgetNews | undefined;
  setLimit(limitMicroUsd: number): void;
}

/** The gate of the accounts that the group's agents use. */
export interface QuotaPort {
  /** Epoch milliseconds at which the next closed account opens; undefined when all are open. */
  readonly closedUntil: number | undefined;
  /** Whether any of them opens later than the group is willing to wait. */
  readonly tooLong: boolean;
}

/** The sessions of a group and the slots they hold; implemented by the host, held by reference. */
export interface RosterPort {
  /** Wall time, epoch milliseconds. */
  now(): number;
  /** The roster to change: itself, or a copy of it while a chart is explored. */
  writable(): RosterPort;

  /** The status that the journal left; undefined for a new group. */
  readonly restored: GroupStatus | undefined;
  readonly budget: BudgetPort;
  readonly quota: QuotaPort;
  /** Sessions that are not settled. */
  readonly unsettled: number;
  /** Settled sessions that forbid `completed` (I5). */
  readonly unsuccessful: number;
  /** Slots held. */
  readonly live: number;
  /** Sessions with an actor, or that had one before a crash. */
  readonly inPlay: number;
  /** Sessions whose dependencies have settled enough to judge them, and that have not been judged. */
  readonly undecided: number;
  /** Candidates that wait for nothing but a slot. */
  readonly ready: number;
  /** The best of them has no actor yet. */
  readonly nextIsFresh: boolean;
  readonly maxConcurrent: number;
  readonly tooManyErrors: boolean;
  readonly pauseOnError: boolean;
  /** Something of the sessions that have completed is to be delivered, and has not been. */
  readonly deliveryPending: boolean;
  /** A delivery is under way. */
  readonly delivering: boolean;
  /** Results have been merged. */
  readonly somethingMerged: boolean;
  /** The definition names a branch to deliver into. */
  readonly namesBranch: boolean;
  /** As what the group had settled when it was asked to deliver; undefined once it has settled again, or is to run. */
  readonly settledBefore: SettledGroup | undefined;
  /** Nothing can continue but sessions that a person holds. */
  readonly onlyHeldLeft: boolean;
  /** Records wait to be written: what they say does not hold yet for the next owner. */
  readonly unwritten: boolean;
  readonly reason: string | undefined;
  /** The last admission; undefined where the candidate's project or account was not free. */
  readonly admitted: Admission | undefined;

  /** Whether what has settled lets the session start, or keeps it from ever starting. */
  dependenciesSatisfied(id: string): boolean;
  dependenciesViolated(id: string): boolean;
  isPausable(id: string): boolean;
  isResumable(id: string): boolean;
  hasActor(id: string): boolean;
  awaitsAnswer(id: string, requestId: string): boolean;
  retryable(ids: readonly string[] | undefined): boolean;
  mayRedefine(change: Redefinition): boolean;

  because(reason: string): void;
  /** Gives a slot to the best candidate, or sets it aside where its project or account is not free. */
  admit(): void;
  inputOf(id: string): SessionInput;
  settle(id: string, outcome: SettledStatus, error?: SessionError): void;
  /** The next session to judge, and the upstream session that has decided it. */
  nextUndecided(): { readonly id: string; readonly upstream: string } | undefined;
  /** Its dependencies are satisfied: it is a candidate. */
  enqueue(id: string): void;
  /** They are violated: it never starts. */
  skip(id: string): void;
  /** Gives its turn to merge back, too, as settling does. */
  park(id: string, reason: YieldReason): void;
  /** @param into default: the branch that the definition names. */
  askToDeliver(into: string | undefined, before: SettledGroup | undefined): void;
  deliveryBegun(): void;
  /** What a settled group was asked for is over with that; any other is still to be delivered, unless it has been. */
  deliveryEnded(delivered: boolean): void;
  /** It is settled as before, for the same reason. */
  settleAgain(): void;
  /** It waits for its turn to merge in its repository. */
  queueMerge(id: string): void;
  /** Whose turn has come; undefined while somebody merges where the others wait. */
  takeMergeTurn(): string | undefined;
  requeue(id: string): void;
  hold(id: string): void;
  release(id: string): void;
  reconsider(): void;
  skipWaiting(reason: SkipReason): void;
  /** Sessions that were in play before a crash and have no actor yet: stopped, paused, or queued again. */
  settleActorless(): void;
  pauseActorless(): void;
  requeueActorless(): void;
  /** Those that `pausedNotHeld` names: they are ahead of sessions that have never started before any slot is given. */
  requeuePaused(): void;
  forgetErrors(): void;
  reopen(ids: readonly string[] | undefined, fresh: boolean): void;
  redefine(change: Redefinition): void;
  /** The actor of a session in play. */
  actorOf(id: string): AnyActorRef | undefined;
  /** From now on this is its actor. */
  started(id: string, actor: AnyActorRef): void;
  /** Ids of sessions that have an actor. */
  actors(): readonly string[];
  /** Of these, the ones that a resume of the group wakes: paused, and not held. */
  pausedNotHeld(): readonly string[];
}

/** What the group's chart is started with. */
export interface GroupInput {
  readonly roster: RosterPort;
  /** Told by `group.report` when the group pauses or settles: pass `self` when a machine of yours invokes it. */
  readonly parent?: AnyActorRef;
}
