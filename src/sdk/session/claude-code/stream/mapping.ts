import { isObject } from '../../../argument.ts';
import { textOfThrown } from '../../../errors.ts';
import { given } from '../../../given.ts';
import type { AgentEvent } from '../../agent.ts';
import { textsOf } from '../../stream-json/parts.ts';
import { NO_TOKENS } from '../../usage.ts';
import { isNoWord } from '../end/client-text.ts';
import { learnRefusals, resultText } from '../end/refusals.ts';
import { answered, called } from '../end/waiting-tools.ts';
import { errorCodeOf } from '../error-code.ts';
import { type ClaudeLine, type ClaudeMessage, type ReadMessage, readLine } from './messages.ts';
import { learnResult, withoutQuoted } from './results.ts';
import type { StreamState } from './stream-state.ts';
import { learnStreamed } from './streamed-text.ts';
import { usageOfAssistant, usageOfStreamEvent, usageOfSubagent } from './usage.ts';
import { warningOf } from './warnings.ts';

type Of<T extends ClaudeMessage['type']> = Extract<ClaudeMessage, { type: T }>;

/** The meaning of an output line: events for the engine, and requests that the adapter must refuse. */
export interface Mapped {
  readonly events: readonly AgentEvent[];
  /** Control requests of a kind that we don't support; without an answer the client would hang. */
  readonly refuse: readonly string[];
  /** Only parts of a message that arrives complete later; the transcript omits it. */
  readonly partial: boolean;
  /** Shows that the client works; bookkeeping and whatever isn't understood don't. */
  readonly showsWork: boolean;
  /** Of the messages in the line: `result`, `system/init`. */
  readonly names: readonly string[];
}

/**
 * Maps one line of the client's output to events. No I/O: all memory is in `state`, one per run of the client.
 * Invariants: a line without events shows no work, and no line, however broken, makes it throw. A result is never lost:
 * what can't be read of it is a warning.
 */
export const mapLine = (state: StreamState, line: string): Mapped => mapRead(state, line, readLine(line));

/** The same for a line that has been read. */
export function mapRead(state: StreamState, line: string, pieces: readonly ClaudeLine[]): Mapped {
  state.lastPlain = pieces.every(({ kind }) => kind === 'not_json') ? line.slice(0, LONGEST_PLAIN) : '';
  const mapped = withoutQuoted(state, pieces).map(piece => mapSafely(state, piece));
  const [piece, one] = [pieces[0], mapped[0]];
  if (one && piece && piece.kind !== 'not_json' && pieces.length === 1) {
    const { events, refuse, partial = false, showsWork } = one;
    return {
      events,
      refuse: refuse === undefined ? NONE : [refuse],
      partial,
      showsWork,
      names: [piece.name],
    };
  }
  return {
    events: mapped.flatMap(({ events }) => events),
    refuse: mapped.flatMap(({ refuse }) => refuse ?? []),
    partial: mapped.length > 0 && mapped.every(({ partial }) => partial),
    showsWork: mapped.some(({ showsWork }) => showsWork),
    names: pieces.flatMap(piece => (piece.kind === 'not_json' ? [] : piece.name)),
  };
}

/** More than is shown of a line that is no message: it still has its secrets. */
const LONGEST_PLAIN = 64 * 1024;

/** A fault here, if there is one, takes no result with it, and not the engine. */
function mapSafely(state: StreamState, piece: ClaudeLine): ReturnType<typeof mapPiece> {
  try {
    return mapPiece(state, piece);
  } catch (thrown) {
    state.unreadable += 1;
    const message = `a message of Claude Code was not understood: ${textOfThrown(thrown)}`;
    return { ...some({ type: 'warning', message }), showsWork: piece.showsWork };
  }
}

function mapPiece(state: StreamState, piece: ClaudeLine): MappedMessage & { readonly showsWork: boolean } {
  const { kind, showsWork } = piece;
  if (kind === 'not_json' || kind === 'malformed') state.unreadable += 1;
  if (piece.reopens && !state.leaving && !(kind === 'message' && isEndedTask(piece.message)))
    state.worksOn = true;
  const mapped = kind === 'message' ? mapMessage(state, piece) : some();
  const warnings = kind === 'message' ? state.unreadFields(piece.name, piece.unread) : [];
  // It says that it is running even before init, and nothing comes before `started`.
  const isEarly = !state.started && kind === 'message' && piece.name === 'system/session_state_changed';
  const events = mapped.events.length === 0 && showsWork && !isEarly ? ACTIVITY : mapped.events;
  return { ...mapped, showsWork, events: warnings.length === 0 ? events : [...events, ...warnings] };
}

/** How a Stop hook sends the model back to work. After some tries the client overrides it, without another reply. */
const STOP_HOOK = /^Stop hook feedback:/;
/** The model of messages that the client writes itself. */
const SYNTHETIC = '<synthetic>';

const NONE: readonly never[] = [];
const ACTIVITY: readonly AgentEvent[] = [{ type: 'activity' }];

interface MappedMessage {
  readonly events: readonly AgentEvent[];
  readonly refuse?: string;
  readonly partial?: true;
}

function mapMessage(state: StreamState, { message, unread }: ReadMessage): MappedMessage {
  switch (message.type) {
    case 'system':
      return mapSystem(state, message);
    case 'assistant':
      return mapAssistant(state, message);
    case 'user':
      return mapUser(state, message);
    case 'stream_event':
      learnStreamed(state, message);
      return { ...some(usageOfStreamEvent(state, message)), partial: true };
    case 'result':
      return { events: learnResult(state, { message, unread }) };
    case 'rate_limit_event':
      return mapRateLimit(state, message);
    case 'control_request':
      return mapControlRequest(state, message, unread);
    case 'control_cancel_request':
      if (!state.approvals.delete(message.request_id)) return some();
      return some({ type: 'approval_withdrawn', requestId: message.request_id });
  }
}

/** A task that was ended from outside: the client has nothing to say about it. It does so on its way out. */
const isEndedTask = (message: ClaudeMessage): boolean =>
  message.type === 'system' &&
  (message.subtype === 'task_updated' || message.subtype === 'task_notification') &&
  /^(killed|stopped|cancell?ed)$/.test(message.status ?? message.patch?.status ?? '');

/** What still runs when the client has nothing left to do does not end by itself: the client ends it on its way out. */
const endsWithClient = ({ result, worksOn }: StreamState, message: ClaudeMessage): boolean =>
  result !== undefined && !worksOn && isEndedTask(message);

const isOverTask = (status = ''): boolean => /^(completed|failed|killed|stopped|cancell?ed)$/.test(status);

function mapSystem(state: StreamState, message: Of<'system'>): MappedMessage {
  switch (message.subtype) {
    case 'init':
      return mapInit(state, message);
    case 'api_retry': {
      const code = errorCodeOf(message.error, message.error_status) ?? 'agent_error';
      // The client would retry ten times with long pauses, but a missing login doesn't fix itself.
      if (code === 'authentication_failed') {
        state.fatal = {
          code,
          message: `the API rejected the login (${message.error_status ?? message.error})`,
        };
        return some();
      }
      const delay = message.retry_delay_ms;
      return some(given({ type: 'agent_retry', code, delayMs: delay }));
    }
    case 'session_state_changed':
      state.sessionState = message.state;
      if (message.state === 'idle') state.worksOn = false;
      else if (!state.result?.is_error && !state.leaving) state.worksOn = true;
      return some();
    case 'informational':
      if (message.content && message.prevent_continuation) state.prevented = message.content;
      return some();
    case 'session_writes_lost':
    case 'model_refusal_fallback':
    case 'model_refusal_no_fallback':
      return some({ type: 'warning', message: warningOf(message) });
    case 'task_progress':
    case 'task_updated':
    case 'task_notification': {
      if (isOverTask(message.status) && !endsWithClient(state, message))
        state.waits.delete(message.tool_use_id ?? '');
      const { total_tokens: totalTokens, tool_uses: toolUses } = message.usage ?? {};
      if (totalTokens === undefined) return some();
      const model = state.subagentModels.get(message.tool_use_id ?? '');
      const taskId = message.tool_use_id ?? message.task_id;
      return some(given({ type: 'subagent_usage', taskId, model, totalTokens, toolUses }));
    }
    case 'compact_boundary': {
      const { pre_tokens: input, post_tokens: output } = message.compact_metadata ?? {};
      const tokens = { ...NO_TOKENS, input: input ?? 0, output: output ?? 0 };
      return some({ type: 'side_usage', requestId: message.uuid, tokens });
    }
  }
}

/** Init is repeated with every turn; the conversation starts once. */
function mapInit(state: StreamState, message: Extract<Of<'system'>, { subtype: 'init' }>): MappedMessage {
  if (state.started) return some();
  state.started = true;
  if (message.claude_code_version !== undefined) state.version = message.claude_code_version;
  const warnings = [
    ...(message.mcp_servers ?? [])
      .filter(server => server.status === 'failed')
      .map(server => `MCP server ${server.name} did not start`),
    ...(message.mcp_server_errors ?? []).map(error => `MCP configuration: ${JSON.stringify(error)}`),
  ];
  const { session_id: conversationId = state.conversationId, model } = message;
  const all = warnings.length > 0 ? warnings : undefined;
  return some(given({ type: 'started', conversationId, model, version: state.version, warnings: all }));
}

function mapAssistant(state: StreamState, message: Of<'assistant'>): MappedMessage {
  const { content, model } = message.message;
  if (message.parent_tool_use_id) {
    if (message.error) return some();
    if (model !== undefined) state.subagentModels.set(message.parent_tool_use_id, model);
    return some(usageOfSubagent(state, message.parent_tool_use_id, message));
  }
  state.streamed = '';
  const texts = textsOf(content);
  if (message.error) {
    state.clientText = texts.at(-1) ?? '';
    state.apiError = { kind: message.error, text: texts.join('\n') };
    return some();
  }
  const usage = usageOfAssistant(state, message);
  const events: AgentEvent[] = usage ? [usage] : [];
  if (model === SYNTHETIC) {
    const text = texts.findLast(one => !isNoWord(one));
    if (text !== undefined && !message.is_meta) state.clientText = text;
  } else {
    state.clientText = '';
    state.replied = true;
    delete state.apiError;
    delete state.prevented;
  }
  for (const text of texts) {
    if (model !== SYNTHETIC) {
      state.lastText = text;
      if (model === undefined) delete state.lastTextBy;
      else state.lastTextBy = 'model';
    }
    events.push({ type: 'message', role: 'assistant', text });
  }
  for (const { type, id, name, input } of content) {
    if (type === 'tool_use' && id !== undefined && name !== undefined) {
      if (model !== SYNTHETIC) state.lastText = '';
      called(state.waits, id, name, input);
      events.push({ type: 'tool_started', toolUseId: id, tool: name, ...(isObject(input) && { input }) });
    }
  }
  return { events };
}

function mapUser(state: StreamState, message: Of<'user'>): MappedMessage {
  if (message.isReplay) return message.uuid ? some({ type: 'message_delivered', id: message.uuid }) : some();
  learnRefusals(state.refusals, message);
  if (message.parent_tool_use_id) return some();
  const { content } = message.message;
  const events: AgentEvent[] = [];
  for (const block of content) {
    const { type, tool_use_id: toolUseId, is_error } = block;
    if (type === 'tool_result' && toolUseId !== undefined) {
      answered(state.waits, toolUseId, is_error === true, resultText(block));
      events.push({ type: 'tool_finished', toolUseId, isError: is_error === true });
      const webSearches = message.tool_use_result?.searchCount;
      if (webSearches) events.push({ type: 'side_usage', requestId: toolUseId, webSearches });
    }
  }
  for (const text of textsOf(content)) {
    if (STOP_HOOK.test(text)) state.prevented = `a Stop hook never let the turn end. ${text.trim()}`;
    events.push({ type: 'message', role: 'user', text });
  }
  return { events };
}

function mapRateLimit(state: StreamState, { rate_limit_info: info }: Of<'rate_limit_event'>): MappedMessage {
  if (info.status === 'rejected') {
    // In seconds; what would be thousands of years away is in milliseconds.
    const { resetsAt } = info;
    state.limit = resetsAt ? { until: resetsAt > 1e11 ? resetsAt : resetsAt * 1_000 } : {};
  } else delete state.limit;
  return some();
}

/** Who allows a call sends its input back, so a call whose input cannot be read is refused. */
function mapControlRequest(
  state: StreamState,
  message: Of<'control_request'>,
  unread: readonly string[],
): MappedMessage {
  const { request, request_id: requestId } = message;
  const isReadable = !unread.includes('request.input');
  if (request.subtype !== 'can_use_tool' || request.tool_name === undefined || !isReadable) {
    return { events: [], refuse: requestId };
  }
  const { tool_name: tool, tool_use_id: toolUseId, input = {} } = request;
  state.approvals.set(requestId, { tool, toolUseId: toolUseId ?? undefined, input });
  return some({ type: 'approval', requestId, tool, input });
}

const some = (event?: AgentEvent): MappedMessage => ({ events: event ? [event] : [] });
