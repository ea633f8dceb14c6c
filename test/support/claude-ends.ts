import type { ProcessExit } from '../../src/sdk/process/process.ts';
import { mapLine } from '../../src/sdk/session/claude-code/stream/mapping.ts';
import { newStreamState, type StreamState } from '../../src/sdk/session/claude-code/stream/stream-state.ts';

/* Messages of Claude Code around the end of a turn, and the circumstances in which an end is judged. */

export const NOW = Date.UTC(2026, 10, 22);
export const FREE = { asked: false, resumed: false, now: NOW };
export const LEFT: ProcessExit = { code: 0, signal: null, stderrTail: '' };
export const ID = 'ef6bf9d4-713f-4d84-a4d7-faff28de347a';
export const init = { type: 'system', subtype: 'init', session_id: ID, claude_code_version: '2.1.330' };
export const apiError = (error: string) => ({
  type: 'assistant',
  error,
  message: { id: 'm', model: '<synthetic>', content: [{ type: 'text', text: 'It went wrong' }] },
});
export const failure = (given: Record<string, unknown>) => ({
  type: 'result',
  subtype: 'success',
  is_error: true,
  terminal_reason: 'api_error',
  result: 'It went wrong',
  ...given,
});
export const success = { type: 'result', is_error: false, result: 'Well done', terminal_reason: 'completed' };

/** What the client has printed so far. */
export function having(...messages: unknown[]): StreamState {
  const state = newStreamState();
  for (const message of messages) mapLine(state, JSON.stringify(message));
  return state;
}
