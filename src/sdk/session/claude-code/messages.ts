import { z } from 'zod';
import { parseJson } from '../../json.ts';

/**
 * What is read of the client's stream-json output. Only fields that are used are listed; unknown fields are dropped and
 * optional ones may be missing or null, so that other versions of the client cause no errors.
 */

const TokenUsage = z.object({
  input_tokens: z.number().nullish(),
  output_tokens: z.number().nullish(),
  cache_read_input_tokens: z.number().nullish(),
  cache_creation_input_tokens: z.number().nullish(),
  cache_creation: z.object({ ephemeral_1h_input_tokens: z.number().nullish() }).nullish(),
  server_tool_use: z.object({ web_search_requests: z.number().nullish() }).nullish(),
});
export type TokenUsage = z.infer<typeof TokenUsage>;

const ContentBlock = z.object({
  type: z.string(),
  text: z.string().optional(),
  thinking: z.string().nullish(),
  input: z.unknown().optional(),
  id: z.string().optional(),
  name: z.string().optional(),
  tool_use_id: z.string().optional(),
  is_error: z.boolean().nullish(),
  /** Of a tool's result: text, or blocks. */
  content: z.unknown().optional(),
});
export type ContentBlock = z.infer<typeof ContentBlock>;
const Content = z.union([
  z.string().transform((text): ContentBlock[] => [{ type: 'text', text }]),
  z.array(ContentBlock),
]);

const parent = { parent_tool_use_id: z.string().nullish() };

const Init = z.object({
  type: z.literal('system'),
  subtype: z.literal('init'),
  session_id: z.string(),
  model: z.string().optional(),
  claude_code_version: z.string().optional(),
  mcp_servers: z.array(z.object({ name: z.string(), status: z.string().optional() })).optional(),
  mcp_server_errors: z.array(z.unknown()).optional(),
});

const ApiRetry = z.object({
  type: z.literal('system'),
  subtype: z.literal('api_retry'),
  retry_delay_ms: z.number().optional(),
  error_status: z.number().nullish(),
  error: z.string().optional(),
});

const SessionState = z.object({
  type: z.literal('system'),
  subtype: z.literal('session_state_changed'),
  state: z.string(),
});

const Informational = z.object({
  type: z.literal('system'),
  subtype: z.literal('informational'),
  content: z.string().nullish(),
  prevent_continuation: z.boolean().nullish(),
});

const WritesLost = z.object({
  type: z.literal('system'),
  subtype: z.literal('session_writes_lost'),
  error_code: z.string().nullish(),
  lost: z.array(z.string()).nullish(),
});

const ModelRefusal = z.object({
  type: z.literal('system'),
  subtype: z.enum(['model_refusal_fallback', 'model_refusal_no_fallback']),
  original_model: z.string().nullish(),
  fallback_model: z.string().nullish(),
});

const Task = z.object({
  type: z.literal('system'),
  subtype: z.enum(['task_progress', 'task_notification']),
  task_id: z.string(),
  tool_use_id: z.string().nullish(),
  usage: z.object({ total_tokens: z.number(), tool_uses: z.number().nullish() }).nullish(),
});

const CompactBoundary = z.object({
  type: z.literal('system'),
  subtype: z.literal('compact_boundary'),
  uuid: z.string(),
  compact_metadata: z
    .object({ pre_tokens: z.number().nullish(), post_tokens: z.number().nullish() })
    .nullish(),
});

const Assistant = z.object({
  type: z.literal('assistant'),
  ...parent,
  message: z.object({
    id: z.string(),
    model: z.string().optional(),
    stop_reason: z.string().nullish(),
    content: Content,
    usage: TokenUsage.optional(),
  }),
  /** The class of an API error; a message that has it comes from the client, not the model. */
  error: z.string().nullish(),
});

const User = z.object({
  type: z.literal('user'),
  ...parent,
  message: z.object({ content: Content }),
  /** Who decided about the tool calls whose results these are (2.1.332). */
  tool_result_meta: z
    .array(
      z.object({
        id: z.string(),
        non_execution_kind: z.string().nullish(),
        permission_decision: z
          .object({
            decision: z.string().nullish(),
            source: z.string().nullish(),
            reason_type: z.string().nullish(),
          })
          .nullish(),
      }),
    )
    .nullish(),
  /** Of the tool WebSearch: the searches that the client has asked the API for, in a request that it doesn't show. */
  tool_use_result: z.object({ searchCount: z.number().nullish() }).nullish().catch(undefined),
});

const StreamEvent = z.object({
  type: z.literal('stream_event'),
  ...parent,
  api_message_id: z.string().nullish(),
  event: z.object({
    type: z.string(),
    message: z.object({ id: z.string(), model: z.string(), usage: TokenUsage }).optional(),
    usage: TokenUsage.nullish(),
  }),
});

const ModelUsage = z.object({
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadInputTokens: z.number(),
  cacheCreationInputTokens: z.number(),
  cacheCreationEphemeral1hInputTokens: z.number().nullish(),
  webSearchRequests: z.number().nullish(),
  costUSD: z.number().nullish(),
});
export type ModelUsage = z.infer<typeof ModelUsage>;

const Result = z.object({
  type: z.literal('result'),
  is_error: z.boolean(),
  subtype: z.string().optional(),
  result: z.string().optional(),
  errors: z.array(z.string()).optional(),
  terminal_reason: z.string().nullish(),
  stop_reason: z.string().nullish(),
  num_turns: z.number().nullish(),
  /** The client's own command that the prompt was. */
  local_command: z.string().nullish(),
  /** Messages that it has not begun to work on. */
  queued_turn_count: z.number().nullish(),
  /** When the login ends for good, ISO 8601. */
  credential_expires_at: z.string().nullish(),
  api_error_status: z.number().nullish(),
  /** Set if the client gave up before its first turn. */
  startup_failure_reason: z.string().nullish(),
  structured_output: z.unknown().optional(),
  total_cost_usd: z.number().optional(),
  modelUsage: z.record(z.string(), ModelUsage).optional(),
  /** Of this process only, unlike the fields above. */
  model_usage_since_last_result: z.record(z.string(), ModelUsage).nullish(),
  permission_denials: z
    .array(
      z.object({
        tool_name: z.string(),
        tool_use_id: z.string().optional(),
        tool_input: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .optional(),
});
export type ResultMessage = z.infer<typeof Result>;

const RateLimit = z.object({
  type: z.literal('rate_limit_event'),
  rate_limit_info: z.object({ status: z.string(), resetsAt: z.number().nullish() }),
});

const ControlRequest = z.object({
  type: z.literal('control_request'),
  request_id: z.string(),
  request: z.object({
    subtype: z.string(),
    tool_name: z.string().optional(),
    tool_use_id: z.string().nullish(),
    input: z.record(z.string(), z.unknown()).optional(),
  }),
});
const ControlCancel = z.object({ type: z.literal('control_cancel_request'), request_id: z.string() });

const READ = {
  'system/init': Init,
  'system/api_retry': ApiRetry,
  'system/informational': Informational,
  'system/model_refusal_fallback': ModelRefusal,
  'system/model_refusal_no_fallback': ModelRefusal,
  'system/session_state_changed': SessionState,
  'system/session_writes_lost': WritesLost,
  'system/compact_boundary': CompactBoundary,
  'system/task_progress': Task,
  'system/task_notification': Task,
  assistant: Assistant,
  user: User,
  stream_event: StreamEvent,
  result: Result,
  rate_limit_event: RateLimit,
  control_request: ControlRequest,
  control_cancel_request: ControlCancel,
};
export type ClaudeMessage = z.infer<(typeof READ)[keyof typeof READ]>;

/** Known, but deliberately ignored: only signs of life. */
export const IGNORED: ReadonlySet<string> = new Set([
  'command_lifecycle',
  'control_response',
  'keep_alive',
  'system/background_tasks_changed',
  'system/model_fallback',
  'system/permission_denied',
  'system/status',
  'system/task_started',
  'system/task_updated',
]);

/** A line of output: a message that is read, or the reason why it isn't. */
export type ClaudeLine =
  | { readonly kind: 'message'; readonly message: ClaudeMessage }
  | { readonly kind: 'ignored' | 'unknown' | 'malformed'; readonly type: string }
  | { readonly kind: 'not_json' };

const Tagged = z.object({ type: z.string(), subtype: z.string().optional() });

export function readLine(line: string): ClaudeLine {
  const json = parseJson(line);
  const tagged = Tagged.safeParse(json);
  if (!tagged.success) return { kind: 'not_json' };
  const { type, subtype } = tagged.data;
  const name = type === 'system' ? `system/${subtype}` : type;
  if (!isRead(name)) return { kind: IGNORED.has(name) ? 'ignored' : 'unknown', type: name };
  const parsed = READ[name].safeParse(json);
  return parsed.success ? { kind: 'message', message: parsed.data } : { kind: 'malformed', type: name };
}

const isRead = (name: string): name is keyof typeof READ => Object.hasOwn(READ, name);
