import type { ErrorCode } from '../../../../machines/vocabulary.ts';
import { given } from '../../given.ts';
import type { ProcessExit } from '../../process/process.ts';
import type { AttemptEnd } from '../agent.ts';
import { errorCodeOf } from './error-code.ts';
import type { ResultMessage } from './messages.ts';
import type { StreamState } from './stream-state.ts';

type RunState = Pick<StreamState, 'started' | 'result' | 'resultError' | 'apiError' | 'limit' | 'fatal'>;

/**
 * How a run of the client ended. Decided by `is_error`, `terminal_reason`, `api_error_status` and the class of the last
 * API error; `subtype` can be "success" for failures too, and is consulted last.
 * `endRequested`: we asked it to end; without its own result that is an interruption, not a lost process.
 */
export function attemptEnd(state: RunState, exit: ProcessExit, endRequested: boolean): AttemptEnd {
  const { result } = state;
  if (result && !result.is_error) return done(result);
  if (state.fatal) return { outcome: 'failed', ...state.fatal };
  if (exit.spawnError) return notStarted(exit.spawnError);
  if (result) return endOfResult(state, result, endRequested);
  if (endRequested) return { outcome: 'interrupted' };
  return endWithoutResult(state, exit);
}

/** The other flag, if the one used doesn't fit the conversation and the run has to be repeated. */
export function otherFlag(
  state: RunState,
  exit: ProcessExit,
  used: 'new' | 'resume',
): 'new' | 'resume' | undefined {
  if (state.started) return undefined;
  const printed = `${state.result?.errors?.join('\n') ?? ''}\n${exit.stderrTail}`;
  if (used === 'resume' && printed.includes('No conversation found with session ID')) return 'new';
  if (used === 'new' && /Session ID \S+ is already in use/.test(printed)) return 'resume';
  return undefined;
}

function done(result: ResultMessage): AttemptEnd {
  const { result: text = '', structured_output: output, permission_denials: denied = [] } = result;
  const denials = denied.map(({ tool_name: tool, tool_use_id: toolUseId }) => given({ tool, toolUseId }));
  return { outcome: 'done', result: text, ...given({ output }), denials };
}

const CODE_OF_TERMINAL_REASON: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['budget_exhausted', 'session_budget'],
  ['max_turns', 'max_turns'],
  ['prompt_too_long', 'prompt_too_long'],
  ['image_error', 'invalid_request'],
  ['structured_output_retry_exhausted', 'output_invalid'],
]);

/** 2.1.197 gives no terminal reason for some of them; these subtypes of failures are reliable. */
const CODE_OF_SUBTYPE: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['error_max_budget_usd', 'session_budget'],
  ['error_max_turns', 'max_turns'],
  ['error_max_structured_output_retries', 'output_invalid'],
]);

/** Not worth another attempt: the client rejects the way it was started. */
const STARTUP_CODE: ErrorCode = 'invalid_request';

function endOfResult(state: RunState, result: ResultMessage, endRequested: boolean): AttemptEnd {
  const message = messageOf(state, result);
  const code = codeOf(state, result);
  if (code === 'rate_limited') return { outcome: 'limited', ...state.limit, message };
  if (code !== undefined) return { outcome: 'failed', code, message };
  return endRequested ? { outcome: 'interrupted' } : { outcome: 'failed', code: 'agent_error', message };
}

/** Undefined if the client gives no reason except that it was interrupted. */
function codeOf(state: RunState, result: ResultMessage): ErrorCode | undefined {
  if (result.startup_failure_reason) return STARTUP_CODE;
  return (
    CODE_OF_TERMINAL_REASON.get(result.terminal_reason ?? '') ??
    CODE_OF_SUBTYPE.get(result.subtype ?? '') ??
    errorCodeOf(state.resultError?.kind, result.api_error_status)
  );
}

function endWithoutResult(state: RunState, exit: ProcessExit): AttemptEnd {
  const stderr = exit.stderrTail.trim();
  // Printed before anything began: the options are invalid, and would be so the next time.
  if (!state.started && exit.signal === null && /^error\b/im.test(stderr)) {
    return { outcome: 'failed', code: STARTUP_CODE, message: lastLines(stderr) };
  }
  const how = exit.signal ? `was ended by ${exit.signal}` : `exited with code ${exit.code}`;
  const printed = state.apiError?.text ?? lastLines(stderr);
  const message = `claude ${how} without a result${printed ? `: ${printed}` : ''}`;
  return { outcome: 'failed', code: 'process_lost', message };
}

function notStarted(error: NodeJS.ErrnoException): AttemptEnd {
  const message = `claude could not be started: ${error.message}`;
  const missing = error.code === 'ENOENT' || error.code === 'EACCES' || error.code === 'ENOEXEC';
  return { outcome: 'failed', code: missing ? 'agent_not_found' : 'process_lost', message };
}

function messageOf(state: RunState, result: ResultMessage): string {
  const printed = result.errors?.join('\n') || result.result || state.resultError?.text;
  return printed || `claude ended with ${result.terminal_reason ?? result.subtype ?? 'an error'}`;
}

const lastLines = (text: string): string => text.split('\n').slice(-5).join('\n').slice(-1_000);
