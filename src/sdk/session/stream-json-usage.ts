import { z } from 'zod';
import { given } from '../given.ts';
import { parseJson } from '../json.ts';
import type { AgentEvent, AttemptEnd } from './agent.ts';
import { endOfResult } from './claude-code/outcome.ts';
import { mapRead } from './claude-code/stream/mapping.ts';
import { readPiece } from './claude-code/stream/messages.ts';
import { newStreamState, type StreamState } from './claude-code/stream/stream-state.ts';
import { Content, Denials, Json, NO_USAGE, TokenUsage, textsOf } from './stream-json/parts.ts';
import { piecesOf } from './stream-json/pieces.ts';
import { isAbsent, plainAssistant, text } from './stream-json/plain-message.ts';
import { nameOf, signOf } from './stream-json/signs-of-work.ts';
import { maybe, tolerate } from './stream-json/tolerant.ts';
import { unreadFields } from './stream-json/unread-fields.ts';
import { addTokens, NO_TOKENS, type PermissionDenial, type Tokens } from './usage.ts';

export interface StreamJsonReader {
  /** The events of the messages in a line, and the text around them. */
  read(line: string): StreamJsonLine;
  /** The content of the last `result` line. */
  result(): StreamJsonResult | undefined;
  /** What that line says about the end of the run, judged like Claude Code's own; undefined if it cannot be judged. */
  end(circumstances: { readonly asked: boolean; readonly now: number }): AttemptEnd | undefined;
}

export interface StreamJsonLine {
  readonly events: readonly AgentEvent[];
  /** Text that isn't in this format. */
  readonly texts: readonly string[];
  readonly showsWork: boolean;
}

export interface StreamJsonResult {
  readonly text: string | undefined;
  readonly isError: boolean;
  /** Undefined if the command gave none. */
  readonly output: unknown;
  readonly denials: readonly PermissionDenial[];
}

/**
 * Reads what is needed of a wrapped command's stream-json output: texts, usage, cost, result. Unknown types and fields
 * are ignored. TokenUsage is keyed by message id, so the figures of a reply that is printed in several parts replace each
 * other: `message_start`, `message_delta`, or `assistant` if the program prints no stream events. One reader per
 * process.
 */
export function streamJsonReader(): StreamJsonReader {
  let result: StreamJsonResult | undefined;
  /** Programs that print this format need not count turns. */
  const state: StreamState = { ...newStreamState(), replied: true };
  /** The reply being streamed, one for the conversation and one for each subagent. */
  const streaming = new Map<string, Reply>();
  const streamed = new Set<string>();
  const warnings = unreadFields('the command');
  /** The last figure of each conversation: a script may run several programs one after the other. */
  const figures = new Map<string, { readonly costUsd: number; readonly tokens: Tokens }>();

  const usageOf = (reply: Reply, final: boolean): AgentEvent => ({
    type: 'usage',
    messageId: reply.id,
    model: reply.model,
    tokens: tokensOf(reply.usage),
    cacheWrite1h: reply.usage.cache_creation?.ephemeral_1h_input_tokens ?? 0,
    ...given({ webSearches: reply.usage.server_tool_use?.web_search_requests }),
    final,
  });

  const readEvent = (line: Line): AgentEvent[] => {
    const owner = line.parent_tool_use_id ?? '';
    const { event } = line;
    if (event?.type === 'message_start' && event.message?.id !== undefined) {
      const { id, model = 'unknown', usage = NO_USAGE } = event.message;
      streaming.set(owner, { id, model, usage });
      streamed.add(id);
      return [usageOf({ id, model, usage }, false)];
    }
    const reply = streaming.get(owner);
    if (event?.type !== 'message_delta' || !reply || !event.usage) return [];
    const merged = { ...reply, usage: merge(reply.usage, event.usage) };
    streaming.set(owner, merged);
    return [usageOf(merged, true)];
  };

  const readAssistant = ({ message }: Line): AgentEvent[] => {
    const texts = textsOf(message?.content ?? []);
    const events: AgentEvent[] = texts
      .filter(text => text.trim() !== '')
      .map(text => ({ type: 'message', role: 'assistant', text }));
    if (message?.id !== undefined && message.usage && !streamed.has(message.id)) {
      const { id, model = 'unknown', usage } = message;
      events.push(usageOf({ id, model, usage }, false));
    }
    return events;
  };

  const readResult = (line: Line): AgentEvent[] => {
    const { result: text, is_error: isError = false, structured_output } = line;
    const output = structured_output ?? undefined;
    const denied = line.permission_denials ?? [];
    const denials = denied.map(({ tool_name: tool, tool_use_id: toolUseId }) => given({ tool, toolUseId }));
    result = { text, isError, output, denials };
    if (line.total_cost_usd === undefined) return [];
    // A command starts over with each attempt, so its totals count from the start of its process.
    const tokens = line.usage ? tokensOf(line.usage) : NO_TOKENS;
    figures.set(line.session_id ?? '', { costUsd: line.total_cost_usd, tokens });
    const total = [...figures.values()].reduce((sum, figure) => ({
      costUsd: sum.costUsd + figure.costUsd,
      tokens: addTokens(sum.tokens, figure.tokens),
    }));
    return [
      { type: 'cost', scope: 'process', costUsd: total.costUsd, ...(line.usage && { tokens: total.tokens }) },
    ];
  };

  const READERS: Readonly<Record<string, (line: Line) => AgentEvent[]>> = {
    stream_event: readEvent,
    assistant: readAssistant,
    result: readResult,
  };
  const readMessage = (type: string, json: unknown): AgentEvent[] => {
    const reader = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
    const plain = type === 'assistant' ? plainLine(json) : undefined;
    const read = plain ? { value: plain, unread: [] } : reader && tolerate(Line, json);
    return reader && read ? [...reader(read.value), ...warnings(type, read.unread)] : [];
  };

  return {
    result: () => result,
    end: circumstances => endOfResult(state, circumstances),
    read(text) {
      const events: AgentEvent[] = [];
      const texts: string[] = [];
      let showsWork = false;
      for (const piece of piecesOf(text)) {
        if (piece.type === undefined) texts.push(piece.text);
        else {
          const message = readPiece(piece);
          mapRead(state, piece.text, [message]);
          // What could not be read has been taken out of the JSON: it is this reader's to find.
          const isWhole =
            message.kind === 'message' ? message.unread.length === 0 : message.kind !== 'malformed';
          const json = isWhole ? piece.json : parseJson(piece.text);
          for (const event of readMessage(piece.type, json)) events.push(event);
          // Which messages another program sends while it hangs isn't known.
          showsWork ||= signOf(nameOf(piece.type, piece.subtype))?.showsWork ?? true;
        }
      }
      showsWork ||= texts.length > 0;
      if (events.length === 0 && showsWork) events.push({ type: 'activity' });
      return { events, texts, showsWork };
    },
  };
}

interface Reply {
  readonly id: string;
  readonly model: string;
  readonly usage: TokenUsage;
}

const Message = z.object({
  id: maybe(z.string()),
  model: maybe(z.string()),
  usage: maybe(TokenUsage),
  content: Content,
});

const Line = z.object({
  session_id: maybe(z.string()),
  parent_tool_use_id: maybe(z.string()),
  message: maybe(Message),
  event: maybe(z.object({ type: z.string(), message: maybe(Message), usage: maybe(TokenUsage) })),
  result: maybe(z.string()),
  is_error: maybe(z.boolean()),
  structured_output: Json.optional(),
  total_cost_usd: maybe(z.number().nonnegative()),
  usage: maybe(TokenUsage),
  permission_denials: Denials,
});
type Line = z.output<typeof Line>;

/** The same as the schema reads, of an `assistant` message that is as expected in every field. */
function plainLine(json: unknown): Line | undefined {
  const plain = plainAssistant(json, TEXTS_OF_LINE);
  if (!plain) return undefined;
  const line = json as Readonly<Record<string, unknown>>;
  if ('structured_output' in line || !ABSENT_FROM_ASSISTANT.every(name => isAbsent(line[name])))
    return undefined;
  const { id, model, content, usage } = plain.message;
  return {
    ...NO_LINE,
    session_id: text(line.session_id),
    parent_tool_use_id: text(line.parent_tool_use_id),
    message: { id, model, content, usage },
  };
}
const TEXTS_OF_LINE = ['session_id', 'parent_tool_use_id'];
const ABSENT_FROM_ASSISTANT = [
  ...['event', 'result', 'is_error', 'total_cost_usd', 'usage', 'permission_denials'],
];
const NO_LINE: Line = Line.parse({});

/** A `message_delta` only repeats what changed. */
function merge(before: TokenUsage, later: TokenUsage): TokenUsage {
  const known = Object.entries(later).filter(([, value]) => value !== undefined);
  return { ...before, ...Object.fromEntries(known) };
}

function tokensOf(usage: TokenUsage): Tokens {
  return {
    input: usage.input_tokens ?? 0,
    output: usage.output_tokens ?? 0,
    cacheRead: usage.cache_read_input_tokens ?? 0,
    cacheWrite: usage.cache_creation_input_tokens ?? 0,
  };
}
