import { z } from 'zod';
import { Content, Denials, Json, TokenUsage, ToolInput } from '../../stream-json/parts.ts';
import { type Piece, piecesOf } from '../../stream-json/pieces.ts';
import { isAbsent, plainAssistant, text } from '../../stream-json/plain-message.ts';
import { NO_SIGN, nameOf, type Sign, signOf } from '../../stream-json/signs-of-work.ts';
import { count, maybe, tolerate } from '../../stream-json/tolerant.ts';

/**
 * What is read of the client's stream-json output. Only fields that are used are listed; unknown fields are dropped, and
 * whatever a message can do without may be missing, null or of an unexpected type, so that other versions of the client
 * cause no errors. A `result` can do without anything: it is never dropped.
 */

const parent = { parent_tool_use_id: maybe(z.string()) };

const Init = z.object({
  type: z.literal('system'),
  subtype: z.literal('init'),
  session_id: maybe(z.string()),
  model: maybe(z.string()),
  claude_code_version: maybe(z.string()),
  mcp_servers: maybe(z.array(z.object({ name: z.string(), status: maybe(z.string()) }))),
  mcp_server_errors: maybe(z.array(Json)),
});

const ApiRetry = z.object({
  type: z.literal('system'),
  subtype: z.literal('api_retry'),
  retry_delay_ms: maybe(z.number().nonnegative()),
  error_status: maybe(z.number()),
  error: maybe(z.string()),
});

const SessionState = z.object({
  type: z.literal('system'),
  subtype: z.literal('session_state_changed'),
  state: z.string(),
});

const Informational = z.object({
  type: z.literal('system'),
  subtype: z.literal('informational'),
  content: maybe(z.string()),
  prevent_continuation: maybe(z.boolean()),
});

const WritesLost = z.object({
  type: z.literal('system'),
  subtype: z.literal('session_writes_lost'),
  error_code: maybe(z.string()),
  lost: maybe(z.array(z.string())),
});

const ModelRefusal = z.object({
  type: z.literal('system'),
  subtype: z.enum(['model_refusal_fallback', 'model_refusal_no_fallback']),
  original_model: maybe(z.string()),
  fallback_model: maybe(z.string()),
});

const Task = z.object({
  type: z.literal('system'),
  subtype: z.enum(['task_progress', 'task_notification', 'task_updated']),
  task_id: z.string(),
  tool_use_id: maybe(z.string()),
  status: maybe(z.string()),
  patch: maybe(z.object({ status: maybe(z.string()) })),
  usage: maybe(z.object({ total_tokens: maybe(count), tool_uses: maybe(count) })),
});

const CompactBoundary = z.object({
  type: z.literal('system'),
  subtype: z.literal('compact_boundary'),
  uuid: z.string(),
  compact_metadata: maybe(z.object({ pre_tokens: maybe(count), post_tokens: maybe(count) })),
});

const Assistant = z.object({
  type: z.literal('assistant'),
  uuid: maybe(z.string()),
  ...parent,
  message: z.object({
    id: maybe(z.string()),
    model: maybe(z.string()),
    stop_reason: maybe(z.string()),
    content: Content,
    usage: maybe(TokenUsage),
  }),
  /** The class of an API error; a message that has it comes from the client, not the model. */
  error: maybe(z.string()),
  /** A remark of the client, such as what a hook says. */
  is_meta: maybe(z.boolean()),
});

/** The same as the schema reads, of a message that is as expected in every field. */
function plainly(json: unknown): z.output<typeof Assistant> | undefined {
  const plain = plainAssistant(json, TEXTS_OF_ASSISTANT);
  if (!plain) return undefined;
  const { uuid, parent_tool_use_id, error, is_meta } = json as Readonly<Record<string, unknown>>;
  if (!isAbsent(is_meta) && typeof is_meta !== 'boolean') return undefined;
  return {
    type: 'assistant',
    uuid: text(uuid),
    parent_tool_use_id: text(parent_tool_use_id),
    message: plain.message,
    error: text(error),
    is_meta: is_meta ?? undefined,
  };
}
const TEXTS_OF_ASSISTANT = ['uuid', 'parent_tool_use_id', 'error'];

const User = z.object({
  type: z.literal('user'),
  uuid: maybe(z.string()),
  /** What the host has sent, said again once the conversation has it. */
  isReplay: maybe(z.boolean()),
  ...parent,
  message: z.object({ content: Content }),
  /** Who decided about the tool calls whose results these are (2.1.332). */
  tool_result_meta: maybe(
    z.array(
      z.object({
        id: z.string(),
        non_execution_kind: maybe(z.string()),
        permission_decision: maybe(
          z.object({
            decision: maybe(z.string()),
            source: maybe(z.string()),
            reason_type: maybe(z.string()),
          }),
        ),
      }),
    ),
  ),
  /** Of the tool WebSearch: the searches that the client has asked the API for, in a request that it doesn't show. */
  tool_use_result: z
    .object({ searchCount: maybe(count) })
    .nullish()
    .catch(undefined),
});

const StreamEvent = z.object({
  type: z.literal('stream_event'),
  ...parent,
  api_message_id: maybe(z.string()),
  event: z.object({
    type: z.string(),
    message: maybe(z.object({ id: z.string(), model: maybe(z.string()), usage: maybe(TokenUsage) })),
    usage: maybe(TokenUsage),
    content_block: maybe(z.object({ type: z.string(), text: maybe(z.string()) })),
    delta: maybe(z.object({ text: maybe(z.string()) })),
  }),
});

const ModelUsage = z.object({
  inputTokens: maybe(count),
  outputTokens: maybe(count),
  cacheReadInputTokens: maybe(count),
  cacheCreationInputTokens: maybe(count),
  cacheCreationEphemeral1hInputTokens: maybe(count),
  webSearchRequests: maybe(count),
  costUSD: maybe(z.number().nonnegative()),
});
export type ModelUsage = z.infer<typeof ModelUsage>;

const Result = z
  .object({
    type: z.literal('result'),
    uuid: maybe(z.string()),
    session_id: maybe(z.string()),
    is_error: maybe(z.boolean()),
    subtype: maybe(z.string()),
    result: maybe(z.string()),
    errors: maybe(z.array(z.string())),
    terminal_reason: maybe(z.string()),
    stop_reason: maybe(z.string()),
    num_turns: maybe(z.number()),
    /** The client's own command that the prompt was. */
    local_command: maybe(z.string()),
    /** Messages that it has not begun to work on. */
    queued_turn_count: maybe(count),
    /** When the login ends for good, ISO 8601. */
    credential_expires_at: maybe(z.string()),
    api_error_status: maybe(z.number()),
    /** Set if the client gave up before its first turn. */
    startup_failure_reason: maybe(z.string()),
    structured_output: Json.optional(),
    total_cost_usd: maybe(z.number().nonnegative()),
    modelUsage: maybe(z.record(z.string(), ModelUsage)),
    /** Of this process only, unlike the fields above. */
    model_usage_since_last_result: maybe(z.record(z.string(), ModelUsage)),
    permission_denials: Denials,
  })
  // Without its own word, only a result that says completed everywhere else isn't an error; one that contradicts itself is.
  .transform(({ is_error, ...result }) => ({
    ...result,
    is_error:
      (is_error ?? !(result.subtype === 'success' && result.terminal_reason === 'completed')) ||
      /^error/.test(result.subtype ?? '') ||
      (result.errors ?? []).some(error => error.trim() !== ''),
  }));
export type ResultMessage = z.infer<typeof Result>;

const RateLimit = z.object({
  type: z.literal('rate_limit_event'),
  rate_limit_info: z.object({ status: z.string(), resetsAt: maybe(z.number().nonnegative().max(8.64e12)) }),
});

const ControlRequest = z.object({
  type: z.literal('control_request'),
  request_id: z.string(),
  request: z.object({
    subtype: maybe(z.string()),
    tool_name: maybe(z.string()),
    tool_use_id: maybe(z.string()),
    input: ToolInput,
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
  'system/task_updated': Task,
  assistant: Assistant,
  user: User,
  stream_event: StreamEvent,
  result: Result,
  rate_limit_event: RateLimit,
  control_request: ControlRequest,
  control_cancel_request: ControlCancel,
};
export type ClaudeMessage = z.infer<(typeof READ)[keyof typeof READ]>;

export interface ReadMessage {
  readonly message: ClaudeMessage;
  /** The fields of an unexpected type. */
  readonly unread: readonly string[];
}

/** A piece of output: a message that is read, or the reason why it isn't. */
export type ClaudeLine = Sign &
  (
    | ({ readonly kind: 'message'; readonly name: string } & ReadMessage)
    | { readonly kind: 'ignored' | 'unknown' | 'malformed'; readonly name: string }
    | { readonly kind: 'not_json' }
  );

/** Reads a line; usually it is one message (`pieces.ts`). */
export const readLine = (line: string): readonly ClaudeLine[] => piecesOf(line).map(readPiece);

/** Reads a piece of one. What could not be read of its JSON is taken out of that. */

/** Damaged beyond reading, but it was a result: quotes are escaped in what a message only quotes. */
const isLostResult = (text: string): boolean =>
  text.includes('{') && /"type"\s*:\s*"result"/.test(text.slice(text.indexOf('{')));

export function readPiece(piece: Piece): ClaudeLine {
  if (piece.type === undefined) {
    if (!isLostResult(piece.text)) return { kind: 'not_json', ...NO_SIGN };
    return read('result', { type: 'result' }, ['everything']);
  }
  const { type, subtype, json } = piece;
  return read(nameOf(type, subtype), json);
}

function read(name: string, json: unknown, lost: readonly string[] = []): ClaudeLine {
  const sign = signOf(name);
  const shows = sign ?? NO_SIGN;
  if (!isRead(name)) return { kind: sign === undefined ? 'unknown' : 'ignored', name, ...shows };
  const plain = name === 'assistant' ? plainly(json) : undefined;
  const { value: message, unread = [] } = plain ? { value: plain } : (tolerate(READ[name], json) ?? {});
  if (!message) return { kind: 'malformed', name, ...shows };
  // The API's pings say that the connection is there, and nothing else.
  const isPing = message.type === 'stream_event' && message.event.type === 'ping';
  if (isPing) return { kind: 'ignored', name, ...NO_SIGN };
  // What says whether it is an error may be absent, but not unreadable.
  if (message.type === 'result' && unread.some(field => /^(is_error|terminal_reason|subtype)$/.test(field)))
    message.is_error = true;
  return { kind: 'message', name, ...shows, message, unread: [...lost, ...unread] };
}

const isRead = (name: string): name is keyof typeof READ => Object.hasOwn(READ, name);
