import type { ErrorCode } from '../../../../../machines/vocabulary.ts';

/**
 * What an end of the client's turn is worth. `by_class`: the class of the API error says it. Whether another attempt
 * can help is a fact of the code.
 */
export interface End {
  readonly is: 'done' | 'by_class' | ErrorCode;
  /** An interruption where we asked for the end. */
  readonly ifAsked?: 'interrupted';
  /** What it means, for people; also the failure's message where the client prints none. */
  readonly means: string;
}

/**
 * Every `terminal_reason` of the client (its list in 2.1.332). Several come with `is_error: false` and a `subtype` of
 * "success": only `completed` is a completion. The same table is in design-docs/ends.md.
 */
export const ENDS = {
  completed: { is: 'done', means: 'the turn has ended' },
  max_turns: { is: 'max_turns', means: 'the limit of turns was reached' },
  budget_exhausted: { is: 'session_budget', means: 'the spending cap of the attempt was reached' },
  api_error: { is: 'by_class', means: 'the API refused a request, or failed' },
  model_error: { is: 'by_class', means: 'a request to the model failed in the client' },
  prompt_too_long: { is: 'prompt_too_long', means: 'the conversation is longer than the model can read' },
  blocking_limit: {
    is: 'prompt_too_long',
    means: 'the conversation has reached the limit of the context, and could not be compacted',
  },
  rapid_refill_breaker: {
    is: 'prompt_too_long',
    means: 'the context was full again right after each compaction',
  },
  image_error: { is: 'invalid_request', means: 'an image in the conversation could not be processed' },
  malformed_tool_use_exhausted: {
    is: 'agent_error',
    means: 'the model repeated a tool call that cannot be read',
  },
  aborted_streaming: {
    is: 'turn_ended_early',
    ifAsked: 'interrupted',
    means: 'the turn was aborted in the middle of a reply',
  },
  aborted_tools: {
    is: 'turn_ended_early',
    ifAsked: 'interrupted',
    means: 'the turn was aborted in the middle of a tool call',
  },
  stop_hook_prevented: { is: 'turn_prevented', means: 'a Stop hook ended the session' },
  hook_stopped: { is: 'turn_prevented', means: 'a hook of a tool call ended the turn' },
  tool_deferred: { is: 'turn_prevented', means: 'a hook put off a tool call, which waits for its answer' },
  tool_deferred_unavailable: {
    is: 'turn_prevented',
    means: 'the tool of a call that a hook had put off is no longer there',
  },
  turn_setup_failed: { is: 'start_failed', means: 'the client could not set up the turn' },
  background_requested: {
    is: 'turn_ended_early',
    ifAsked: 'interrupted',
    means: 'the turn was moved to the background, where nobody waits for it',
  },
  structured_output_retry_exhausted: {
    is: 'output_invalid',
    means: 'the structured output never matched its schema',
  },
} as const satisfies Readonly<Record<string, End>>;

/** The end of that name; undefined for a name that no known client gives. */
export const endOf = (terminalReason: string): End | undefined =>
  Object.entries<End>(ENDS).find(([name]) => name === terminalReason)?.[1];

/** Clients that give no terminal reason for some failures (2.1.197): these subtypes are reliable. */
export const END_OF_SUBTYPE: Readonly<Record<string, keyof typeof ENDS>> = {
  error_max_budget_usd: 'budget_exhausted',
  error_max_turns: 'max_turns',
  error_max_structured_output_retries: 'structured_output_retry_exhausted',
};

/** Replies that were cut: the turn is `completed` for the client, but not for whoever waits for its result. */
export const CUT_REPLIES: Readonly<Record<string, string>> = {
  max_tokens: 'the last reply was cut at its limit of tokens',
  model_context_window_exceeded: 'the last reply was cut at the limit of the context',
  pause_turn: 'the API paused the turn',
  refusal: 'the model refused to go on',
};
