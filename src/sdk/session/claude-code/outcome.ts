import type { ErrorCode } from '../../../../machines/vocabulary.ts';
import type { ProcessExit } from '../../process/process.ts';
import type { AttemptEnd } from '../agent.ts';
import { errorCodeOf } from './error-code.ts';
import type { ResultMessage } from './messages.ts';
import type { StreamState } from './stream-state.ts';

type RunState = Pick<StreamState, 'started' | 'result' | 'resultError' | 'apiError' | 'limit' | 'fatal'>;

/**
 * How a run of the client ended. Judged by `is_error`, `terminal_reason`, `api_error_status` and the class of
 * the last API error; `subtype` says "success" of failures too, and is asked last.
 * `asked`: we asked it to end; without a result of its own that is an interruption, not a loss.
 */
export function attemptEnd(state: RunState, exit: ProcessExit, asked: boolean): AttemptEnd {
  const { result } = state;
  if (result && !result.is_error) return done(result);
  if (state.fatal) return { outcome: 'failed', ...state.fatal };
  if (exit.spawnError) return notStarted(exit.spawnError);
  if (result) return endOfResult(state, result, asked);
  if (asked) return { outcome: 'interrupted' };
  return endWithoutResult(state, exit);
}

/** The flag that was chosen does not fit the conversation; the run is to be repeated with the other one. */
export function otherFlag(
  state: RunState,
  exit: ProcessExit,
  used: 'new' | 'resume',
): 'new' | 'resume' | undefined {
  if (state.started) return undefined;
  const said = `${state.result?.errors?.join('\n') ?? ''}\n${exit.stderrTail}`;
  if (used === 'resume' && said.includes('No conversation found with session ID')) return 'new';
  if (used === 'new' && /Session ID \S+ is already in use/.test(said)) return 'resume';
  return undefined;
}

function done(result: ResultMessage): AttemptEnd {
  return {
    outcome: 'done',
    result: result.result ?? '',
    ...(result.structured_output !== undefined && { output: result.structured_output }),
    denials: (result.permission_denials ?? []).map(denial => ({
      tool: denial.tool_name,
      ...(denial.tool_use_id !== undefined && { toolUseId: denial.tool_use_id }),
    })),
  };
}

const CODE_OF_TERMINAL_REASON: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['budget_exhausted', 'session_budget'],
  ['max_turns', 'max_turns'],
  ['prompt_too_long', 'prompt_too_long'],
  ['image_error', 'invalid_request'],
  ['structured_output_retry_exhausted', 'output_invalid'],
]);

/** 2.1.197 gives no terminal reason for some of them; of a failure's subtypes these are to be trusted. */
const CODE_OF_SUBTYPE: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['error_max_budget_usd', 'session_budget'],
  ['error_max_turns', 'max_turns'],
  ['error_max_structured_output_retries', 'output_invalid'],
]);

/** Not worth another attempt: the client was started in a way that it does not accept. */
const STARTUP_CODE: ErrorCode = 'invalid_request';

function endOfResult(state: RunState, result: ResultMessage, asked: boolean): AttemptEnd {
  const message = messageOf(state, result);
  const code = codeOf(state, result);
  if (code === 'rate_limited') return { outcome: 'limited', ...state.limit, message };
  if (code !== undefined) return { outcome: 'failed', code, message };
  return asked ? { outcome: 'interrupted' } : { outcome: 'failed', code: 'agent_error', message };
}

/** Undefined where the client gives no reason but that it was cut. */
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
  // Said before anything has begun: the options are not accepted, and would not be the next time.
  if (!state.started && exit.signal === null && /^error\b/im.test(stderr)) {
    return { outcome: 'failed', code: STARTUP_CODE, message: lastLines(stderr) };
  }
  const how = exit.signal ? `was ended by ${exit.signal}` : `left with exit code ${exit.code}`;
  const said = state.apiError?.text ?? lastLines(stderr);
  const message = `claude ${how} without a result${said ? `: ${said}` : ''}`;
  return { outcome: 'failed', code: 'process_lost', message };
}

function notStarted(error: NodeJS.ErrnoException): AttemptEnd {
  const message = `claude could not be started: ${error.message}`;
  const missing = error.code === 'ENOENT' || error.code === 'EACCES' || error.code === 'ENOEXEC';
  return { outcome: 'failed', code: missing ? 'agent_not_found' : 'process_lost', message };
}

function messageOf(state: RunState, result: ResultMessage): string {
  const said = result.errors?.join('\n') || result.result || state.resultError?.text;
  return said || `claude ended with ${result.terminal_reason ?? result.subtype ?? 'an error'}`;
}

const lastLines = (text: string): string => text.split('\n').slice(-5).join('\n').slice(-1_000);
