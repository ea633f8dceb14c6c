/**
 * The words that charts, definitions, events and the CLI share. One list each; every other module derives
 * its types and schemas from these (glossary: design-docs/spec-session-groups.md §2).
 */

/** The states of a group (design-docs/spec-session-groups.md §4). */
export const GROUP_STATUSES = [
  'created',
  'running',
  'pausing',
  'paused',
  'stopping',
  'stopped',
  'completed',
  'failed',
] as const;
/** The state of a group. */
export type GroupStatus = (typeof GROUP_STATUSES)[number];

const LIVE: ReadonlySet<string> = new Set(['running', 'pausing', 'stopping'] satisfies GroupStatus[]);

/** Whether agents of a group with this status may be at work. */
export const isLiveStatus = (status: string): boolean => LIVE.has(status);

const ENDED: ReadonlySet<string> = new Set(['completed', 'failed', 'stopped'] satisfies GroupStatus[]);

/** Whether a group with this status has nothing left to do; only a retry, or new sessions, leave it. */
export const isSettledGroup = (status: string): boolean => ENDED.has(status);

/** The events with which a group comes to rest, paused or settled. */
export const REST_EVENTS = ['group_paused', 'group_stopped', 'group_completed', 'group_failed'] as const;
export type RestEvent = (typeof REST_EVENTS)[number];

/** Whether a group comes to rest with events of this type. */
export const isRest = (type: string | undefined): type is RestEvent => REST.has(type);

const REST: ReadonlySet<string | undefined> = new Set(REST_EVENTS);

/** The states of a session (design-docs/spec-session-groups.md §5). */
export const SESSION_STATUSES = [
  'pending',
  'preparing',
  'running',
  'awaiting_approval',
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

/** The statuses that end a session; only a retry leaves them (I4). */
export const SETTLED_STATUSES = ['completed', 'failed', 'stopped', 'skipped'] as const;
export type SettledStatus = (typeof SETTLED_STATUSES)[number];

const SETTLED: ReadonlySet<string> = new Set(SETTLED_STATUSES);

/** Whether a session with this status has ended. */
export const isSettled = (status: SessionStatus): status is SettledStatus => SETTLED.has(status);

export const SKIP_REASONS = ['upstream_failed', 'not_needed', 'group_stopped'] as const;
/** Why a session was skipped. */
export type SkipReason = (typeof SKIP_REASONS)[number];

/** Why a group can be paused (design-docs/spec-session-groups.md §4). */
export const PAUSE_REASONS = [
  'manual',
  'budget_exceeded',
  'error_threshold',
  'quota',
  'agent_unavailable',
  'sessions_paused',
  'store_failed',
  'shutdown',
] as const;
/** Why a group is paused. */
export type PauseReason = (typeof PAUSE_REASONS)[number];

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
] as const;

export const ERROR_CODES = [...RETRYABLE_ERROR_CODES, ...FINAL_ERROR_CODES] as const;
/** Why a session failed; some are retryable (RETRYABLE_ERROR_CODES). */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** These two close admission and pause the group: one bad login must not fail session after session. */
export const UNAVAILABLE_ERROR_CODES: readonly ErrorCode[] = ['authentication_failed', 'billing_error'];

export interface SessionError {
  readonly code: ErrorCode;
  readonly message: string;
}
