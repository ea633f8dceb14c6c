import { given } from '../../../given.ts';
import type { AgentEvent, CostReport, ModelFigure, UsageReport } from '../../agent.ts';
import { type ContentBlock, NO_USAGE, type TokenUsage } from '../../stream-json/parts.ts';
import { addTokens, NO_TOKENS, type Tokens } from '../../usage.ts';
import type { ClaudeMessage, ModelUsage, ResultMessage } from './messages.ts';
import type { StreamState } from './stream-state.ts';

type StreamEvent = Extract<ClaudeMessage, { type: 'stream_event' }>;
type Assistant = Extract<ClaudeMessage, { type: 'assistant' }>;

/** The first version whose `total_cost_usd` includes runs before a `--resume`; measured to 2.1.245 and from 2.1.260. */
const CUMULATIVE_SINCE = [2, 1, 260];

/**
 * Usage of the session's own replies: `message_start` has the input, `message_delta` the final output. Of subagents'
 * replies, the `assistant` messages are read instead: their stream events are not complete.
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
  state.spentSince = true;
  const usage = usageReport(id, model, message.usage);
  return { type: 'usage', final: Boolean(message.stop_reason), ...usage };
}

/** Roughly how many characters are a token. */
const CHARACTERS_PER_TOKEN = 4;

/**
 * A subagent's reply, of which the stream shows the input in full and the final output never: that is estimated from
 * the length of its content.
 */
export function usageOfSubagent(
  state: StreamState,
  subagent: string,
  { message, uuid }: Assistant,
): AgentEvent | undefined {
  const { id, model = 'unknown', content, usage } = message;
  if (!usage || id === undefined || isRepeated(state.subagentLines, uuid)) return undefined;
  state.spentSince = true;
  const before = state.replies.get(id);
  const shown = usageReport(id, model, usage);
  const estimate = (before?.tokens.output ?? 0) + Math.ceil(lengthOf(content) / CHARACTERS_PER_TOKEN);
  const tokens = { ...shown.tokens, output: Math.max(shown.tokens.output, estimate) };
  const reply = { ...shown, tokens };
  state.replies.set(id, reply);
  const totalTokens = tokens.input + tokens.output + tokens.cacheRead + tokens.cacheWrite;
  return { type: 'subagent_usage', taskId: subagent, model, totalTokens, reply };
}

/** Remembers a line, and says whether it came before: its content counts once. */
function isRepeated(lines: Set<string>, uuid: string | undefined): boolean {
  if (uuid === undefined || lines.has(uuid)) return uuid !== undefined;
  lines.add(uuid);
  return false;
}

const lengthOf = (content: readonly ContentBlock[]): number =>
  content.reduce((sum, { text, thinking, input }) => {
    const called = input === undefined ? '' : JSON.stringify(input);
    return sum + (text ?? '').length + (thinking ?? '').length + called.length;
  }, 0);

/**
 * The client's own total. A failed start reports an empty one, which means nothing. Newer clients also say what this
 * process has spent, whatever they remember of the conversation (its transcript keeps that, and may lose it).
 */
export function costOf(
  state: StreamState,
  result: ResultMessage,
  unread: readonly string[],
): AgentEvent | undefined {
  if (!state.started) return undefined;
  const total = result.total_cost_usd;
  state.spent = spentIn(state, result, unread);
  state.spentSince = false;
  if (total === undefined) return undefined;
  const byModel = Object.entries(result.modelUsage ?? {});
  const priced = byModel.flatMap(([model, usage]) => {
    const figure = figureOf(usage);
    return figure ? [[model, figure] as const] : [];
  });
  return given({
    type: 'cost' as const,
    scope: costScope(state.version),
    costUsd: total,
    tokens: tokensIn(state, sumOf(byModel.map(([, usage]) => usage))),
    attempt: state.spent && { costUsd: state.spent.costUsd, tokens: tokensIn(state, state.spent) },
    models: priced.length > 0 ? Object.fromEntries(priced) : undefined,
  });
}

type Spent = NonNullable<StreamState['spent']>;

/**
 * What this process has spent; undefined if the client has not said all of it, or what it said cannot be: then its
 * total is used.
 */
function spentIn(state: StreamState, result: ResultMessage, unread: readonly string[]): Spent | undefined {
  const since = result.model_usage_since_last_result;
  if (!state.spent || !since || unread.some(path => path.startsWith(SINCE_FIELD))) return undefined;
  const usages = Object.values(since);
  if (usages.some(({ costUSD }) => costUSD === undefined)) return undefined;
  if (usages.length === 0 && state.spentSince) return undefined;
  const { costUsd, tokens, complete } = sumOf(usages);
  const spent = {
    costUsd: state.spent.costUsd + costUsd,
    tokens: addTokens(state.spent.tokens, tokens),
    complete: state.spent.complete && complete,
  };
  return spent.costUsd > (result.total_cost_usd ?? Number.POSITIVE_INFINITY) + ROUNDING ? undefined : spent;
}

const SINCE_FIELD = 'model_usage_since_last_result';
/** Sums of the same amounts may differ by this much, in USD. */
const ROUNDING = 1e-6;

const sumOf = (usages: readonly ModelUsage[]): Spent =>
  usages.reduce<Spent>(
    ({ costUsd, tokens, complete }, usage) => ({
      costUsd: costUsd + (usage.costUSD ?? 0),
      tokens: addTokens(tokens, tokensOf(usage)),
      complete: complete && isComplete(usage),
    }),
    { costUsd: 0, tokens: NO_TOKENS, complete: true },
  );

/** Where some counts are missing, at least those of the replies: else the figure would seem to leave them out. */
function tokensIn({ replies }: StreamState, { tokens, complete }: Spent): Tokens {
  if (complete) return tokens;
  const shown = [...replies.values()].reduce((sum, reply) => addTokens(sum, reply.tokens), NO_TOKENS);
  return {
    input: Math.max(tokens.input, shown.input),
    output: Math.max(tokens.output, shown.output),
    cacheRead: Math.max(tokens.cacheRead, shown.cacheRead),
    cacheWrite: Math.max(tokens.cacheWrite, shown.cacheWrite),
  };
}

const isComplete = (usage: ModelUsage): boolean =>
  [usage.inputTokens, usage.outputTokens, usage.cacheReadInputTokens, usage.cacheCreationInputTokens].every(
    count => count !== undefined,
  );

const tokensOf = (usage: ModelUsage): Tokens => ({
  input: usage.inputTokens ?? 0,
  output: usage.outputTokens ?? 0,
  cacheRead: usage.cacheReadInputTokens ?? 0,
  cacheWrite: usage.cacheCreationInputTokens ?? 0,
});

/** Undefined where a price cannot be learned from it. */
const figureOf = (usage: ModelUsage): ModelFigure | undefined =>
  usage.costUSD === undefined || !isComplete(usage)
    ? undefined
    : given({
        costUsd: usage.costUSD,
        tokens: tokensOf(usage),
        cacheWrite1h: usage.cacheCreationEphemeral1hInputTokens,
        webSearches: usage.webSearchRequests,
      });

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
  state.spentSince = true;
  state.replies.set(usage.messageId, usage);
  return { type: 'usage', final, ...usage };
}

function usageReport(id: string, model: string, usage: TokenUsage, before?: UsageReport): UsageReport {
  const tokens = before?.tokens;
  const cacheWrite1h = usage.cache_creation?.ephemeral_1h_input_tokens ?? before?.cacheWrite1h;
  const webSearches = usage.server_tool_use?.web_search_requests ?? before?.webSearches;
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
    ...(webSearches && { webSearches }),
  };
}
