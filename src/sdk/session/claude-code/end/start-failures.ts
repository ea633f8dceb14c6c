import type { ErrorCode } from '../../../../../machines/vocabulary.ts';

/**
 * Why the client refuses to start (`startup_failure_reason`, all 25 of 2.1.332). `start_failed`: it may start the next
 * time, because sessions that start at the same time disturb each other, or because something could not be reached.
 */
export const START_FAILURES = {
  config_file_invalid: 'start_failed', // another client is writing it
  session_held_by_background: 'start_failed',
  org_verify_failed: 'start_failed',
  org_config_required_unavailable: 'start_failed',
  remote_settings_required_unavailable: 'start_failed',
  temp_dir_unusable: 'start_failed',
  gateway_signin_required: 'authentication_failed',
  gateway_access_denied: 'authentication_failed',
  org_config_refused: 'authentication_failed',
  org_pin_api_key_conflict: 'authentication_failed',
  org_pin_mismatch: 'authentication_failed',
  provider_not_allowed: 'authentication_failed',
  cwd_unavailable: 'prepare_failed',
  bypass_root: 'invalid_request',
  cli_version_too_old: 'invalid_request',
  initialize_fields_not_delivered: 'invalid_request',
  initialize_not_first: 'invalid_request',
  managed_settings_invalid: 'invalid_request',
  managed_settings_not_delivered: 'invalid_request',
  proxy_invalid: 'invalid_request',
  sandbox_required_unavailable: 'invalid_request',
  shell_tool_missing: 'invalid_request',
  sideload_flags_disabled: 'invalid_request',
  worktree_resume_refused: 'invalid_request',
  worktree_unverified: 'invalid_request',
} as const satisfies Readonly<Record<string, ErrorCode>>;

/** A start that fails costs nothing, so a reason that isn't known is worth another attempt. */
export const codeOfStartFailure = (reason: string): ErrorCode =>
  Object.entries<ErrorCode>(START_FAILURES).find(([name]) => name === reason)?.[1] ?? 'start_failed';

/**
 * What a client prints that will not start the next time either: of its option parser (`error:`), and of its own checks
 * of options and settings. Whatever else it prints may be passing: no list of what can be short or out of reach is
 * complete.
 */
const FINAL = [
  /^error: (unknown|missing|too many|excess|required|option|command-argument) /im,
  /^error: (invalid|unsupported|unrecognized) (value|option|flag|session id|model|permission|json provided|json schema|mcp config|setting source)/im,
  /^error: (invalid or conflicting|cannot use both|cannot specify both|when using --)/im,
  /^error: --[\w-]\S* .*\b(must be|requires?|cannot be (used|given|combined)|can only be|only works? with|is not (a )?(valid|supported|allowed)|takes|expects|not found)\b/im,
  /^error: [^\n]*\b(file|schema|folder|directory) not found: /im,
  /No conversation found with session ID|Session ID \S+ is already in use/, // after all ways of beginning it
  /cannot be used with root\/sudo privileges|requires Node\.js version|needs an update/i,
];

/** The code of a start that failed with this text; undefined if it is no start-up error. */
export function codeOfStartText(text: string): ErrorCode | undefined {
  if (FINAL.some(one => one.test(text))) return 'invalid_request';
  return /^error\b/im.test(text) ? 'start_failed' : undefined;
}
