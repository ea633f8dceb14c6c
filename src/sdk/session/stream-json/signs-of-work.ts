/**
 * Which of Claude Code's messages show that the agent works, and which are bookkeeping, which may go on for ever while
 * it hangs. Only signs of work feed the idle watchdog (design-docs/spec-session-groups.md §5), and a client that
 * prints one of a turn after a result is not done with that result. The types are those of 2.1.332.
 */
const SIGNS = {
  turn: ['assistant', 'stream_event', 'tool_progress'],
  turnEnd: ['command_lifecycle', 'result', 'tool_use_summary'],
  work: [
    'control_request',
    'user',
    'system/api_error',
    'system/api_retry',
    'system/compact_boundary',
    'system/init',
    'system/permission_retry',
    'system/scheduled_task_fire',
    'system/task_notification',
    'system/task_progress',
    'system/task_started',
    'system/task_updated',
    'system/thinking',
    'system/thinking_tokens',
  ],
  around: [
    'control_cancel_request',
    'system/hook_progress',
    'system/hook_response',
    'system/hook_started',
    'system/local_command_output',
    'system/plugin_install',
    'system/stop_hook_summary',
  ],
  bookkeeping: [
    'auth_status',
    'control_response',
    'conversation_reset',
    'keep_alive',
    'prompt_suggestion',
    'rate_limit_event',
    'transcript_mirror',
    'update_environment_variables',
    'system/agents_killed',
    'system/away_summary',
    'system/background_tasks_changed',
    'system/cloud_session_delta',
    'system/code_change_published',
    'system/commands_changed',
    'system/control_request_progress',
    'system/dev_intent',
    'system/elicitation_complete',
    'system/feedback_draft_queued',
    'system/file_attachments_missing',
    'system/file_snapshot',
    'system/files_persisted',
    'system/informational',
    'system/inherited_asks_settled',
    'system/instruction_size_warning',
    'system/late_allow_not_run',
    'system/memory_recall',
    'system/memory_saved',
    'system/mirror_error',
    'system/model_consent_fallback',
    'system/model_fallback',
    'system/model_refusal_fallback',
    'system/model_refusal_no_fallback',
    'system/notification',
    'system/peer_message_hold',
    'system/per_turn_effort_changed',
    'system/permission_check_status',
    'system/permission_denied',
    'system/post_turn_summary',
    'system/session_metadata',
    'system/session_state_changed',
    'system/session_title_changed',
    'system/session_writes_lost',
    'system/shell_cwd',
    'system/status',
    'system/task_list_statuses',
    'system/task_summary',
    'system/turn_duration',
    'system/turn_handoff_available',
    'system/turn_preempted',
    'system/upgrade_relay_marker',
    'system/vcs_state_changed',
    'system/worker_shutting_down',
  ],
} as const;

/** What a message says about the agent. */
export interface Sign {
  /** The agent works or starts: the idle watchdog is fed. */
  readonly showsWork: boolean;
  /** A turn has begun: a client prints such a message in a turn only, the other signs of work while it starts, too. */
  readonly provesTurn: boolean;
  /** After a result, another turn is on: that result is not the last one. */
  readonly reopens: boolean;
}

const MEANING: Readonly<Record<keyof typeof SIGNS, Sign>> = {
  turn: { showsWork: true, provesTurn: true, reopens: true },
  turnEnd: { showsWork: true, provesTurn: true, reopens: false },
  work: { showsWork: true, provesTurn: false, reopens: true },
  around: { showsWork: true, provesTurn: false, reopens: false },
  bookkeeping: { showsWork: false, provesTurn: false, reopens: false },
};

/** What a line says that is no message, or one whose meaning is not known. */
export const NO_SIGN: Sign = MEANING.bookkeeping;

const KNOWN: ReadonlyMap<string, Sign> = new Map([
  ...SIGNS.turn.map(name => [name, MEANING.turn] as const),
  ...SIGNS.turnEnd.map(name => [name, MEANING.turnEnd] as const),
  ...SIGNS.work.map(name => [name, MEANING.work] as const),
  ...SIGNS.around.map(name => [name, MEANING.around] as const),
  ...SIGNS.bookkeeping.map(name => [name, MEANING.bookkeeping] as const),
]);

/** How the tables name a message: `result`, `system/init`. */
export const nameOf = (type: string, subtype: string | undefined): string =>
  type === 'system' ? `system/${subtype}` : type;

/** Undefined for a message of another version, or of another program: its reader decides. */
export const signOf = (name: string): Sign | undefined => KNOWN.get(name);

/** No bookkeeping message is longer. */
const LONGEST_BOOKKEEPING = 4 * 1024;

/**
 * Whether the bytes of an unfinished line are a sign of work. A long message may take minutes to arrive, but
 * bookkeeping arrives in pieces too: after such a line the next one has to be longer than bookkeeping ever is.
 */
export function unfinishedLines() {
  let inDoubt = false;
  let bytes = 0;
  return {
    grew(byBytes: number): boolean {
      bytes += byBytes;
      return !inDoubt || bytes > LONGEST_BOOKKEEPING;
    },
    ended(showsWork: boolean): void {
      inDoubt = !showsWork;
      bytes = 0;
    },
  };
}
