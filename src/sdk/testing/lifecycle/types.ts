import type {
  PauseReason,
  SessionStatus,
  SettledGroup,
  SkipReason,
} from '../../../../machines/vocabulary.ts';
import type { GraphSession } from '../../group/dependency-graph.ts';
import type { SessionGroupConfig } from '../../group/types.ts';

/** A session of the group that the model represents. */
export interface ModelledSession extends GraphSession {
  /** What it shares with the sessions that it would disturb. */
  readonly project: string;
  /** Whose usage limit it can meet; undefined if it spends nobody's money. */
  readonly account: string | undefined;
  /** May fail and be tried again. Default: true. */
  readonly retries?: boolean;
  /** May ask for a permission, which a person answers. Default: false. */
  readonly asks?: boolean;
  /** Can spend up to the group's limit. Default: true. */
  readonly spends?: boolean;
}

/** The group that the model represents. */
export interface LifecycleInput {
  readonly sessions: readonly ModelledSession[];
  readonly maxConcurrent: number;
  readonly maxPerProject: number;
  /** Number of failures that pauses or stops the group. */
  readonly errorThreshold: number;
  readonly pauseOnError: boolean;
  readonly onBudgetExceeded: SessionGroupConfig['budget']['onBudgetExceeded'];
  /** What its sessions do is merged, and goes into a branch of the user's. Default: false. */
  readonly delivers?: boolean;
}

/** How a session stands, in the words of the group's progress; one that is being interrupted is still `running`. */
export interface Standing {
  readonly status: SessionStatus;
  readonly skipReason?: SkipReason;
}

export interface LifecycleContext extends LifecycleInput {
  readonly standing: Readonly<Record<string, Standing>>;
  /** Has been admitted, and has not settled. */
  readonly inPlay: readonly string[];
  /** Of those, who waits for a slot, or has waited for one in vain, in the order of their turns. */
  readonly turns: readonly string[];
  /** Has not started, and a person holds it. */
  readonly held: readonly string[];
  /** Was live when the engine died. */
  readonly lost: readonly string[];
  readonly errors: number;
  /** Whether the definition has changed. */
  readonly grown: boolean;
  /** Whether the engine has died. */
  readonly died: boolean;
  readonly money: 'within' | 'warned' | 'exceeded';
  /** Its usage limit has been reached; `long`: it resets later than the group is willing to wait. */
  readonly limited: { readonly account: string; readonly long: boolean } | undefined;
  /** Nothing has completed since the last delivery. */
  readonly delivered: boolean;
  /** A request to deliver is still to be carried out. */
  readonly asked: boolean;
  readonly delivering: boolean;
  /** As what the group had settled when it was asked to deliver. */
  readonly before: SettledGroup | undefined;
  readonly reason: PauseReason | undefined;
  /** The answer to the last request. */
  readonly answer: string | undefined;
}

/** Requests to a group, and what its sessions can do. */
export type LifecycleEvent = LifecycleStep & {
  /** Sessions that the engine started by it: of those that continue, any may be the first. Default: none are known. */
  readonly started?: readonly string[];
};

export type LifecycleStep =
  | { readonly type: 'run' | 'pause' | 'resume' | 'stop' | 'retry' | 'integrate' }
  /** How a delivery ends. */
  | { readonly type: 'delivery.done' | 'delivery.refused' | 'delivery.ended' }
  /** A conflict that a person has to resolve. */
  | { readonly type: 'session.blocked' }
  /** A message to a session whose attempt is live. Without a session: to one that has settled. */
  | { readonly type: 'session.send'; readonly session?: string }
  /** Holds a session that has not started, or lets it go. Without a session: one to which that doesn't apply. */
  | { readonly type: 'session.pause' | 'session.resume'; readonly session?: string }
  /** Without a session: to a request that was never made. */
  | { readonly type: 'approval.answer'; readonly session?: string; readonly decision?: 'allow' | 'deny' }
  /** Adds one session; happens once. */
  | { readonly type: 'definition.change' }
  /** The engine is killed, and another opens the group; happens once. */
  | { readonly type: 'engine.died' }
  | {
      readonly type: 'session.settled';
      readonly session: string;
      readonly outcome: 'completed' | 'failed' | 'stopped';
    }
  | {
      readonly type: 'session.yielded';
      readonly session: string;
      readonly reason: 'pause' | 'retry' | 'quota';
    }
  | { readonly type: 'session.asked'; readonly session: string }
  /** Time passes until all that wait for a retry are due. */
  | { readonly type: 'session.ready' }
  | { readonly type: 'budget.warning' | 'budget.exceeded' | 'budget.change' }
  /** A live session hits the account's usage limit, which resets too late. */
  | { readonly type: 'quota.tooLong'; readonly session: string }
  /** Time passes until the usage limit is reset. */
  | { readonly type: 'quota.opened' }
  /** A live session turns out not to be logged in, and yields. */
  | { readonly type: 'agent.unavailable'; readonly session: string }
  /** The journal couldn't record what a live session did; the next record succeeds. */
  | { readonly type: 'journal.failed' };
