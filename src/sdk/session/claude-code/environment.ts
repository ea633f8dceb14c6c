/**
 * The environment of the client: the attempt's own, without what an outer client passes to its children (as seen in
 * the environment of a Bash tool of 2.1.330), plus variables that make its output complete and its exit reliable.
 * `configDir` replaces the user's config folder.
 */
export const claudeEnvironment = (
  env: Readonly<Record<string, string>>,
  configDir?: string,
): Record<string, string> => ({ ...withoutOuterClient(env, configDir), ...REQUIRED });

/** The same for a client that a person uses. */
export function withoutOuterClient(
  env: Readonly<Record<string, string>>,
  configDir?: string,
): Record<string, string> {
  const kept = Object.entries(env).filter(([name]) => !NESTED_CLIENT_VARIABLES.has(name));
  const own = configDir === undefined ? {} : { CLAUDE_CONFIG_DIR: configDir };
  return { ...Object.fromEntries(kept), ...own };
}

/** A client that finds these assumes that it is part of the session that set them. */
export const NESTED_CLIENT_VARIABLES: ReadonlySet<string> = new Set([
  'AI_AGENT',
  'CLAUDECODE',
  'CLAUDE_CODE_CHILD_NOTES_DIR',
  'CLAUDE_CODE_CHILD_SESSION',
  'CLAUDE_CODE_ENTRYPOINT',
  'CLAUDE_CODE_EXECPATH',
  'CLAUDE_CODE_MESSAGING_SOCKET',
  'CLAUDE_CODE_MESSAGING_TOKEN',
  'CLAUDE_CODE_SESSION_ATTENDED',
  'CLAUDE_CODE_SESSION_ID',
  'CLAUDE_CODE_SSE_PORT',
  'CLAUDE_EFFORT',
  'CLAUDE_PID',
  /** If a message is sent as well, the client runs two turns. */
  'CLAUDE_CODE_RESUME_INTERRUPTED_TURN',
]);

const REQUIRED = {
  /** Errors before the first turn are reported as a result, not only on standard error. */
  CLAUDE_CODE_STARTUP_FAILURE_RESULTS: '1',
  /** It says when it is at work and when it is idle, which a result alone does not. */
  CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS: '1',
  /** A run prints one result; with background tasks it may print another one later. */
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
};
