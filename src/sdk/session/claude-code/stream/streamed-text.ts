import type { AgentEvent } from '../../agent.ts';
import type { ClaudeMessage } from './messages.ts';
import type { StreamState } from './stream-state.ts';

type StreamEvent = Extract<ClaudeMessage, { type: 'stream_event' }>;

/** More than a reply can have. */
const LONGEST = 4 * 1024 * 1024;

/** Keeps the text that the session's own reply has streamed since its last tool; an `assistant` message replaces it. */
export function learnStreamed(state: StreamState, { event, parent_tool_use_id: parent }: StreamEvent): void {
  if (parent) return;
  const { type, content_block: block, delta } = event;
  if (type === 'message_start' || block?.type === 'tool_use') state.streamed = '';
  else if (block?.type === 'text') state.streamed = block.text ?? '';
  else if (type === 'content_block_delta' && delta?.text && state.streamed.length < LONGEST) {
    state.streamed += delta.text;
    state.replied = true;
    state.clientText = '';
    delete state.apiError;
    delete state.prevented;
  }
}

/** At a result: what was streamed, and no `assistant` message has said, is the session's last text. */
export function sayStreamed(state: StreamState): AgentEvent[] {
  const text = state.streamed;
  state.streamed = '';
  if (text.trim() === '') return [];
  state.lastText = text;
  state.lastTextBy = 'model';
  return [{ type: 'message', role: 'assistant', text }];
}
