import type { AnyActorRef } from 'xstate';
import type { Redefinition, YieldReason } from './events.ts';
import type {
  BudgetNews,
  Corrections,
  ErrorCode,
  GroupReason,
  GroupStatus,
  SessionError,
  SettledGroup,
  SettledStatus,
  SkipReason,
} from './vocabulary.ts';

export type {
  GroupMachineEvent,
  GroupReport,
  Redefinition,
  RefusalCode,
  SessionMachineEvent,
  YieldReason,
} from './events.ts';

/**
 * What the charts and their host share. The charts do no I/O and read no clock: all they know of the world
 * comes through these ports (as input) and through the actions and actors that the host provides.
 *
 * Rule that makes the charts explorable: an action changes nothing but the roster that `writable()` returns.
 */

/** What the engine does with a session's tree, in this order. */
export type TreeStep = 'settingUp' | 'saving' | 'verifying' | 'integrating';

/** What can be left to do for a session once its agent is done. */
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
  /** How often its conversation is told of something to correct, at most. */
  readonly corrections: Corrections;
}

/** How often a session is tried again, and when; intervals in milliseconds. */
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
  readonly askedToGoOn?: boolean | undefined;
  /** How many attempts in a row were lost with their workers. Default: 0. */
  readonly losses?: number | undefined;
  /** Its last attempt was started by another engine, and may live on. Default: false. */
  readonly adopted?: boolean | undefined;
  /** Default: the agent's word is enough, in the project's own folder. */
  readonly tree?: TreePlan | undefined;
  /** Its agent is done, and this is the step that is left to be taken. */
  readonly step?: PendingStep | undefined;
  /** How often its conversation has been told of something to correct; never unless recovered. */
  readonly corrected?: Corrections | undefined;
  /** A denied permission fails the session. */
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
  /** Settled sessions that forbid `completed`. */
  readonly unsuccessful: number;
  /** Slots held. */
  readonly live: number;
  /** Sessions with an actor, or that had one before a crash. */
  readonly inPlay: number;
  /** Of these, the ones without an actor whose attempt may live on elsewhere. */
  readonly adoptable: number;
  /** Those that were adopted last. */
  readonly adopted: readonly string[];
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
  /** Nothing can start or continue but sessions that a person holds, and what waits for these. */
  readonly onlyHeldLeft: boolean;
  /** Records wait to be written: what they say does not hold yet for the next owner. */
  readonly unwritten: boolean;
  /** Some of them are being written: whether they are is known soon. */
  readonly writing: boolean;
  readonly reason: GroupReason | undefined;
  /** The last admission; undefined where the candidate's project or account was not free. */
  readonly admitted: Admission | undefined;

  /** Whether what has settled lets the session start, or keeps it from ever starting. */
  dependenciesSatisfied(id: string): boolean;
  dependenciesViolated(id: string): boolean;
  isPausable(id: string): boolean;
  isResumable(id: string): boolean;
  hasActor(id: string): boolean;
  awaitsAnswer(id: string, requestId: string): boolean;
  /** A message to it waits for its agent, or reaches it: it has not settled, its agent is not done, and not too many wait. */
  takesMessage(id: string): boolean;
  retryable(ids: readonly string[] | undefined): boolean;
  mayRedefine(change: Redefinition): boolean;

  because(reason: GroupReason): void;
  /** Gives a slot to the best candidate, or sets it aside where its project or account is not free. */
  admit(): void;
  /** Gives each adoptable session its slot, however many are taken: it never gave it back. Each is to be started. */
  adopt(): void;
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
  /** It neither starts nor continues, until it is released. */
  hold(id: string, by?: string): void;
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
  /** Of those that were adopted last, the ones that a person holds. */
  adoptedHeld(): readonly string[];
}

/** What the group's chart is started with. */
export interface GroupInput {
  readonly roster: RosterPort;
  /** The group's id: its reports carry it, and an inspector shows the actor under it. */
  readonly id?: string;
  /** Told by `group.report` when the group pauses or settles: pass `self` when a machine of yours invokes it. */
  readonly parent?: AnyActorRef;
}
