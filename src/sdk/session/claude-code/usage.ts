import type { AgentEvent, CostReport, UsageReport } from '../agent.ts';
import { NO_USAGE, type TokenUsage } from '../stream-json/parts.ts';
import type { ClaudeMessage, ResultMessage } from './messages.ts';
import type { StreamState } from './stream-state.ts';

type StreamEvent = Extract<ClaudeMessage, { type: 'stream_event' }>;
type Assistant = Extract<ClaudeMessage, { type: 'assistant' }>;

/** The first version whose `total_cost_usd` includes runs before a `--resume`; measured to 2.1.245 and from 2.1.260. */
const CUMULATIVE_SINCE = [2, 1, 260];

/**
 * Usage of the session's own replies: `message_start` has the input, `message_delta` the final output. Subagents'
 * replies are skipped: they are never complete in the stream, and `subagent_usage` covers them.
 */
export function usageOfStreamEvent(state: StreamState, message: StreamEvent): AgentEvent | undefined {
  if (message.parent_tool_use_id) return undefined;
  const { event } = message;
  if (event.type === 'message_start' && event.message) {
    const { id, model = 'unknown', usage = NO_USAGE } = event.message;
    state.currentReply = id;
    return report(state, usageReport(id, model, usage), false);
  }
  const id = message.api_message_id ?? state.currentReply;
  const known = id === undefined ? undefined : state.replies.get(id);
  if (event.type !== 'message_delta' || !event.usage || !known) return undefined;
  return report(state, usageReport(known.messageId, known.model, event.usage, known), true);
}

/** A reply without stream events: after a broken stream the client requested it without streaming. */
export function usageOfAssistant(state: StreamState, { message }: Assistant): AgentEvent | undefined {
  const { id, model = 'unknown' } = message;
  if (!message.usage || id === undefined || state.replies.has(id)) return undefined;
  const usage = usageReport(id, model, message.usage);
  return { type: 'usage', final: Boolean(message.stop_reason), ...usage };
}

/** The client's own total. A failed start reports an empty one, which means nothing. */
export function costOf(state: StreamState, result: ResultMessage): AgentEvent | undefined {
  if (!state.started || result.total_cost_usd === undefined) return undefined;
  const tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  for (const usage of Object.values(result.modelUsage ?? {})) {
    tokens.input += usage.inputTokens ?? 0;
    tokens.output += usage.outputTokens ?? 0;
    tokens.cacheRead += usage.cacheReadInputTokens ?? 0;
    tokens.cacheWrite += usage.cacheCreationInputTokens ?? 0;
  }
  return { type: 'cost', scope: costScope(state.version), costUsd: result.total_cost_usd, tokens };
}

/** What `total_cost_usd` covers: the whole conversation in newer clients, the process in older ones. */
export function costScope(version: string | undefined): CostReport['scope'] {
  return version !== undefined && !olderThan(version, CUMULATIVE_SINCE) ? 'conversation' : 'process';
}

/** Compares versions such as `2.1.330` part by part; anything but a number counts as 0. */
export function olderThan(version: string, than: readonly number[]): boolean {
  const parts = version.split('.').map(part => Number.parseInt(part, 10) || 0);
  for (const [index, part] of than.entries()) {
    const difference = (parts[index] ?? 0) - part;
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function report(state: StreamState, usage: UsageReport, final: boolean): AgentEvent {
  state.replies.set(usage.messageId, usage);
  return { type: 'usage', final, ...usage };
}

function usageReport(id: string, model: string, usage: TokenUsage, before?: UsageReport): UsageReport {
  const tokens = before?.tokens;
  const cacheWrite1h = usage.cache_creation?.ephemeral_1h_input_tokens ?? before?.cacheWrite1h;
  return {
    messageId: id,
    model,
    tokens: {
      input: usage.input_tokens ?? tokens?.input ?? 0,
      output: usage.output_tokens ?? tokens?.output ?? 0,
      cacheRead: usage.cache_read_input_tokens ?? tokens?.cacheRead ?? 0,
      cacheWrite: usage.cache_creation_input_tokens ?? tokens?.cacheWrite ?? 0,
    },
    ...(cacheWrite1h && { cacheWrite1h }),
  };
}
