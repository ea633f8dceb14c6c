/**
 * The words that charts, definitions, events and the CLI share. One list each; every other module derives
 * its types and schemas from these (glossary: design-docs/spec-session-groups.md §2).
 */

/** The states of a group. */
export const GROUP_STATUSES = [
  'created',
  'running',
  'delivering',
  'pausing',
  'paused',
  'stopping',
  'stopped',
  'completed',
  'failed',
] as const;
/** The state of a group. */
export type GroupStatus = (typeof GROUP_STATUSES)[number];

/**
 * What can happen in a group with this status: `live` where its agents may be at work, `settled` where nothing is left
 * to do: only a request leaves it.
 */
const GROUP_PHASES = {
  created: 'waiting',
  running: 'live',
  delivering: 'live',
  pausing: 'live',
  paused: 'waiting',
  stopping: 'live',
  stopped: 'settled',
  completed: 'settled',
  failed: 'settled',
} as const satisfies Record<GroupStatus, 'waiting' | 'live' | 'settled'>;

/** Whether agents of a group with this status may be at work. */
export const isLiveGroup = (status: string): boolean => phaseIn(GROUP_PHASES, status) === 'live';

/** A status in which a group has nothing left to do. */
export type SettledGroup = {
  [S in GroupStatus]: (typeof GROUP_PHASES)[S] extends 'settled' ? S : never;
}[GroupStatus];

/** Whether a group with this status has nothing left to do: only a request leaves it. */
export const isSettledGroup = (status: string): status is SettledGroup =>
  phaseIn(GROUP_PHASES, status) === 'settled';

const WITH_REASON: readonly string[] = [
  'pausing',
  'paused',
  'stopping',
  'stopped',
  'failed',
] satisfies GroupStatus[];

/** Whether a group has got into this status for a reason, which its event names. */
export const hasReason = (status: string): boolean => WITH_REASON.includes(status);

const BEGINNINGS: readonly string[] = ['group_started', 'group_resumed', 'group_retried'];

/** Whether a group begins what it was asked for with events of this type. */
export const isBeginning = (type: string): boolean => BEGINNINGS.includes(type);

/** The events with which a group comes to rest, paused or settled. */
export const REST_EVENTS = ['group_paused', 'group_stopped', 'group_completed', 'group_failed'] as const;
export type RestEvent = (typeof REST_EVENTS)[number];

/** Whether a group comes to rest with events of this type. */
export const isRest = (type: string | undefined): type is RestEvent =>
  REST_EVENTS.some(rest => rest === type);

/** The states of a session. */
export const SESSION_STATUSES = [
  'pending',
  'preparing',
  'placing',
  'running',
  'awaiting_approval',
  'saving',
  'verifying',
  'integrating',
  'retrying',
  'quota_wait',
  'interrupting',
  'paused',
  'completed',
  'failed',
  'stopped',
  'skipped',
] as const;
/** The state of a session. */
export type SessionStatus = (typeof SESSION_STATUSES)[number];

/**
 * What a session with this status does. `working` and `asking`: its agent is there, and it holds a slot. `waiting`: it is
 * in play, and goes on by itself. `settled`: it has ended; only a retry leaves that.
 */
const SESSION_PHASES = {
  pending: 'pending',
  preparing: 'working',
  placing: 'working',
  running: 'working',
  awaiting_approval: 'asking',
  saving: 'working',
  verifying: 'working',
  integrating: 'working',
  retrying: 'waiting',
  quota_wait: 'waiting',
  interrupting: 'working',
  paused: 'paused',
  completed: 'settled',
  failed: 'settled',
  stopped: 'settled',
  skipped: 'settled',
} as const satisfies Record<
  SessionStatus,
  'pending' | 'working' | 'asking' | 'waiting' | 'paused' | 'settled'
>;

type In<Phase> = {
  [S in SessionStatus]: (typeof SESSION_PHASES)[S] extends Phase ? S : never;
}[SessionStatus];

/** A status that ends a session. */
export type SettledStatus = In<'settled'>;

/** Whether a session with this status has ended. */
export const isSettled = (status: string): status is SettledStatus =>
  phaseIn(SESSION_PHASES, status) === 'settled';

/** Whether a session that has ended so has not done what it was to do; `skipped` has not begun. */
export const endedBadly = (status: SessionStatus | undefined): boolean =>
  status === 'failed' || status === 'stopped';

/** What a session with this status does; of one that has ended, how. */
export const phaseOf = (status: SessionStatus) => (isSettled(status) ? status : SESSION_PHASES[status]);

/** Whether the agent of a session with this status is at work, so that the session waits for nothing. */
export const isWorking = (status: string): status is In<'working'> =>
  phaseIn(SESSION_PHASES, status) === 'working';

/** Whether a session with this status has an agent: at work, or waiting for an answer. */
export const isLiveSession = (status: string): status is In<'working' | 'asking'> =>
  isWorking(status) || phaseIn(SESSION_PHASES, status) === 'asking';

/** Also for a status that is none of these: `interrupted`, or the word of another version. */
function phaseIn<P extends string>(phases: Readonly<Record<string, P>>, status: string): P | undefined {
  return Object.hasOwn(phases, status) ? phases[status] : undefined;
}

export const SKIP_REASONS = ['upstream_failed', 'not_needed', 'group_stopped'] as const;
/** Why a session was skipped. */
export type SkipReason = (typeof SKIP_REASONS)[number];

/** Why a group can be paused. */
export const PAUSE_REASONS = [
  'manual',
  'budget_exceeded',
  'error_threshold',
  'quota',
  'agent_unavailable',
  'sessions_paused',
  'conflict',
  'delivery_refused',
  'store_failed',
  'shutdown',
] as const;
/** Why a group is paused. */
export type PauseReason = (typeof PAUSE_REASONS)[number];

/** Why a group is paused, stopped or has failed. */
export const GROUP_REASONS = [...PAUSE_REASONS, 'sessions_failed', 'internal_error'] as const;
/** Why a group is paused, stopped or has failed. */
export type GroupReason = (typeof GROUP_REASONS)[number];

/** The roster's reason as a reason to pause; `manual` for whatever is none. */
export function pauseReasonOf(reason: string | undefined): PauseReason {
  return PAUSE_REASONS.find(known => known === reason) ?? 'manual';
}

/** Failures after which the same conversation is tried again (spec-session-groups.md §5). */
export const RETRYABLE_ERROR_CODES = [
  'agent_error',
  'server_error',
  'overloaded',
  'rate_limited',
  'idle_timeout',
  'process_lost',
  'output_invalid',
  /** The agent could not start, for a reason that passes. */
  'start_failed',
  /** The agent's turn ended without its own end. */
  'turn_ended_early',
  'message_too_long',
  /** A full disk, or a lock of another program, kept git from working. */
  'workspace_failed',
] as const;

/** Failures that another attempt would only repeat (spec-session-groups.md §5). */
export const FINAL_ERROR_CODES = [
  'authentication_failed',
  'billing_error',
  'model_not_found',
  'invalid_request',
  'permission_denied',
  'max_turns',
  'prompt_too_long',
  'session_budget',
  'attempt_timeout',
  'prepare_failed',
  'agent_not_found',
  /** A hook or a command kept the agent from working, or from working on. */
  'turn_prevented',
  /** The agent was done without a word, also when it was asked to go on. */
  'empty_result',
  'agent_misbehaved',
  'setup_failed',
  'verify_failed',
  'merge_conflict',
  /** A branch or a tree is not as the engine left it: nothing is overwritten. */
  'workspace_moved',
  'workspace_incomplete',
  'workspace_no_repository',
  'workspace_untrusted',
  /** No failure: its worker is gone, or was stopped. It is tried again, and that is not counted. */
  'worker_lost',
  'worker_drained',
] as const;

export const ERROR_CODES = [...RETRYABLE_ERROR_CODES, ...FINAL_ERROR_CODES] as const;
/** Why a session failed; some are retryable (RETRYABLE_ERROR_CODES). */
export type ErrorCode = (typeof ERROR_CODES)[number];

const RETRYABLE: ReadonlySet<string> = new Set(RETRYABLE_ERROR_CODES);

/**
 * Whether another attempt may help, by the class of the failure alone. What is tried again after a final code (a cap of
 * the group, an agent that was done without a word) has not failed, and is not counted.
 */
export const isRetryable = (code: ErrorCode): boolean => RETRYABLE.has(code);

/** What its own conversation is told, to be corrected there, and is no failure of an attempt. */
export const correctionOf = (code: ErrorCode): 'checks' | 'conflicts' | undefined => {
  if (code === 'merge_conflict') return 'conflicts';
  return code === 'verify_failed' ? 'checks' : undefined;
};

/** How often a conversation is told of checks that have failed, and of conflicts: neither uses up the other. */
export interface Corrections {
  readonly checks: number;
  readonly conflicts: number;
}

/** Before the first. */
export const NO_CORRECTIONS: Corrections = { checks: 0, conflicts: 0 };

/** One more for that error, if it is a correction. */
export function withCorrection(before: Corrections, code: ErrorCode): Corrections {
  const of = correctionOf(code);
  return of === undefined ? before : { ...before, [of]: before[of] + 1 };
}

/** So many attempts in a row may be lost with their workers: the next one is a lost process like any other. */
export const MOST_LOSSES = 3;

/** These two are the account's: the session yields and the group pauses, unless its login is the session's own. */
export const UNAVAILABLE_ERROR_CODES: readonly ErrorCode[] = ['authentication_failed', 'billing_error'];

/** Why a session failed. */
export interface SessionError {
  readonly code: ErrorCode;
  readonly message: string;
}

/** The tool with which an agent asks a person something: allowing it is not yet an answer. */
export const QUESTION_TOOL = 'AskUserQuestion';
/** The tool with which an agent that plans first asks a person to approve its plan. */
export const PLAN_TOOL = 'ExitPlanMode';

/** What there is to say of a limit: nothing yet, its threshold is crossed, an estimate is over it, or it is reached. */
export type BudgetNews = 'nothing' | 'warning' | 'estimate' | 'exceeded';
