import { randomUUID } from 'node:crypto';
import { stripVTControlCharacters } from 'node:util';
import { given } from '../../given.ts';
import type { ProcessExit } from '../../process/process.ts';
import type { AttemptEnd, AttemptSpec } from '../agent.ts';
import { type Redact, redactor } from '../reports/redaction.ts';
import { type Author, isNoWord } from './end/client-text.ts';
import { type EndFacts, type Judgement, judge, judgeLastWords } from './end/judge.ts';
import { denialsOf } from './end/refusals.ts';
import { codeOfStartText } from './end/start-failures.ts';
import { pendingTool } from './end/waiting-tools.ts';
import type { ResultMessage } from './stream/messages.ts';
import type { StreamState } from './stream/stream-state.ts';

/** What isn't in the stream. */
export interface Circumstances {
  /** We asked it to end; without its own result that is an interruption, not a lost process. */
  readonly asked: boolean;
  /** The conversation had begun before. */
  readonly resumed: boolean;
  /** Takes secrets out of what is cut. Default: what looks like a token. */
  readonly redact?: Redact;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** How a run of the client ended: by its last result, which `judge` decides about, else by the way it exited. */
export function attemptEnd(state: StreamState, exit: ProcessExit, circumstances: Circumstances): AttemptEnd {
  const end = endOfRun(state, exit, circumstances);
  return end.outcome === 'failed' ? { ...end, message: withWayOut(end, state, circumstances) } : end;
}

/**
 * Whether the client has nothing left to do: it has printed a result and not worked since, and says nothing else. One
 * that says `running` is about to say `idle`; an error is the last word anyway.
 */
export function isOver({ result, worksOn, sessionState }: StreamState): boolean {
  if (!result || worksOn) return false;
  if (result.is_error) return true;
  return (result.queued_turn_count ?? 0) === 0 && (sessionState === undefined || sessionState === 'idle');
}

/** What a run of the client is started with. */
export interface Run {
  readonly spec: AttemptSpec;
  readonly conversation: 'new' | 'resume';
  /** It begins a conversation although there was one. */
  readonly startsOver: boolean;
  /** How often the client has refused the conversation. */
  readonly refusals: number;
}

export const firstRun = (spec: AttemptSpec): Run => ({
  ...{ spec, startsOver: false, refusals: 0 },
  conversation: spec.conversation.exists ? 'resume' : 'new',
});

/** The run that follows one that the client refused: with the other flag for the conversation, then with a fresh id. */
export function nextRun(run: Run, state: StreamState, exit: ProcessExit): Run | undefined {
  const { spec } = run;
  if (spec.config?.instructionsChanged && lacksSnapshotOption(state, exit))
    return { ...run, spec: { ...spec, config: { ...spec.config, instructionsChanged: false } } };
  const flag = run.refusals < 2 ? otherFlag(state, exit, run.conversation) : undefined;
  if (flag === undefined) return undefined;
  const refusals = run.refusals + 1;
  if (refusals < 2) return { spec, conversation: flag, startsOver: flag === 'new', refusals };
  const fresh = { ...spec, conversation: { ...spec.conversation, id: randomUUID() } };
  return { spec: fresh, conversation: 'new', startsOver: true, refusals };
}

/**
 * A client that keeps no snapshot of its instructions rejects the option that turns it off, and needs none. It is asked
 * by running it: a version that was checked before may have been replaced since.
 */
const lacksSnapshotOption = (state: StreamState, exit: ProcessExit): boolean =>
  !state.started && /unknown option '?--system-prompt-snapshot/.test(exit.stderrTail);

/** The other flag, if the one used doesn't fit the conversation and the run has to be repeated. */
export function otherFlag(
  state: StreamState,
  exit: ProcessExit,
  used: 'new' | 'resume',
): 'new' | 'resume' | undefined {
  if (state.started) return undefined;
  const printed = `${state.result?.errors?.join('\n') ?? ''}\n${exit.stderrTail}`;
  if (used === 'resume' && printed.includes('No conversation found with session ID')) return 'new';
  if (used === 'new' && /Session ID \S+ is already in use/.test(printed)) return 'resume';
  return undefined;
}

function endOfRun(state: StreamState, exit: ProcessExit, circumstances: Circumstances): AttemptEnd {
  const end = endOfResult(state, circumstances);
  if (end?.outcome === 'done') return end;
  if (state.fatal) return { outcome: 'failed', ...state.fatal };
  if (exit.spawnError) return notStarted(exit.spawnError);
  if (end) return end;
  if (circumstances.asked) return { outcome: 'interrupted' };
  return lastWords(state, exit, circumstances) ?? (state.result ? cutShort(exit) : lost(state, exit));
}

/** What the last result says, by itself; undefined if there is none, or the client has worked on. */
export function endOfResult(
  state: StreamState,
  { asked, now }: Pick<Circumstances, 'asked' | 'now'>,
): AttemptEnd | undefined {
  const { result } = state;
  if (!result) return undefined;
  const judgement = judge(factsOf(state, result, asked, now));
  return judgement.is === 'done' ? done(state, result) : endOf(judgement);
}

/**
 * The error that a client has printed in place of a result: in its stream, or as the last lines of its output. Other
 * programs, and older clients, say so that a login or an account's limit is in the way.
 */
function lastWords(
  state: StreamState,
  exit: ProcessExit,
  { now, redact = redactor() }: Circumstances,
): AttemptEnd | undefined {
  const { apiError, clientText, limit } = state;
  const inStream = {
    ...given({ errorKind: apiError?.kind, limit }),
    text: apiError?.text ?? clientText,
    now,
  };
  const said = judgeLastWords({ ...inStream, author: 'client' });
  if (said) return endOf(said);
  if (exit.signal !== null) return undefined;
  const endings = [exit.stderrTail, redact(state.lastPlain).slice(0, LONGEST_PLAIN)].flatMap(endingsOf);
  for (const text of endings) {
    const judgement = judgeLastWords({ ...given({ limit }), text, now });
    if (judgement) return endOf(judgement);
  }
  return undefined;
}

/** Of a line that is no message, what may be the client's last words. */
const LONGEST_PLAIN = 2_000;

/** Its last line, its last two, …: a message may have several. */
function endingsOf(output: string): string[] {
  const lines = stripVTControlCharacters(output).trim().split('\n').slice(-5);
  return lines.map((_, index) =>
    lines
      .slice(-1 - index)
      .join('\n')
      .replace(/^(?:fatal )?error: /i, ''),
  );
}

function endOf(judgement: Judgement): AttemptEnd | undefined {
  switch (judgement.is) {
    case 'failed':
      return { outcome: 'failed', code: judgement.code, message: judgement.message };
    case 'limited':
      return { outcome: 'limited', ...given({ until: judgement.until }), message: judgement.message };
    case 'interrupted':
      return { outcome: 'interrupted' };
    default:
      return undefined;
  }
}

/** Everything that the stream says about how a turn ended. */
function factsOf(state: StreamState, result: ResultMessage, asked: boolean, now: number): EndFacts {
  const text = textOf(state, result);
  const printed = result.errors?.join('\n') || result.result || state.resultError?.text || '';
  return given({
    isError: result.is_error,
    terminalReason: result.terminal_reason ?? undefined,
    subtype: result.subtype,
    turns: result.num_turns ?? undefined,
    replied: state.replied,
    queuedTurns: result.queued_turn_count ?? 0,
    worksOn: state.worksOn,
    text,
    author: authorOf(state, result.is_error ? printed : text, result.is_error),
    hasOutput: (result.structured_output ?? undefined) !== undefined,
    waitsFor: pendingTool(state.waits),
    stopReason: result.stop_reason ?? undefined,
    prevented: state.prevented,
    localCommand: result.local_command ?? undefined,
    errorKind: state.resultError?.kind,
    apiStatus: result.api_error_status ?? undefined,
    startFailure: result.startup_failure_reason ?? undefined,
    printed,
    limit: state.limit,
    asked,
    now,
  });
}

/** What the turn has left: the client's own last words, if they are the last, are in the model's place. */
function textOf({ clientText, lastText }: StreamState, { result }: ResultMessage): string {
  return result !== undefined && !isNoWord(result) ? result : clientText || lastText;
}

/** Only what the model has said before is its own; what is printed about an error is the client's. */
function authorOf(state: StreamState, text: string, isError: boolean): Author | undefined {
  const is = (other: string): boolean => other !== '' && other.trim() === text.trim();
  if (is(state.clientText)) return 'client';
  return is(state.lastText) ? state.lastTextBy : isError ? 'client' : undefined;
}

function done(state: StreamState, result: ResultMessage): AttemptEnd {
  const output = result.structured_output ?? undefined;
  return {
    outcome: 'done',
    result: textOf(state, result),
    ...given({ output }),
    denials: denialsOf(state.refusals, result),
  };
}

/** It was still at work after its last result. */
const cutShort = (exit: ProcessExit): AttemptEnd => ({
  outcome: 'failed',
  code: 'turn_ended_early',
  message: `claude ${howItEnded(exit)} while it was still at work`,
});

function lost(state: StreamState, exit: ProcessExit): AttemptEnd {
  const stderr = exit.stderrTail.trim();
  if (!state.started && exit.signal === null && stderr !== '') {
    return { outcome: 'failed', code: codeOfStartText(stderr) ?? 'start_failed', message: lastLines(stderr) };
  }
  const printed = state.apiError?.text ?? lastLines(stderr);
  const message = `claude ${howItEnded(exit)} without a result${printed ? `: ${printed}` : ''}`;
  return { outcome: 'failed', code: 'process_lost', message };
}

function notStarted(error: NodeJS.ErrnoException): AttemptEnd {
  const message = `claude could not be started: ${error.message}`;
  const missing = error.code === 'ENOENT' || error.code === 'EACCES' || error.code === 'ENOEXEC';
  return { outcome: 'failed', code: missing ? 'agent_not_found' : 'start_failed', message };
}

/**
 * A conversation that is refused as a whole, or cannot be read, is refused again when it is resumed: only a new one
 * helps.
 */
function withWayOut(
  { code, message }: Extract<AttemptEnd, { outcome: 'failed' }>,
  { result }: StreamState,
  { resumed }: Circumstances,
): string {
  const torn = code === 'start_failed' && /\bJSON\b/.test(message);
  const refused = torn || code === 'prompt_too_long' || code === 'invalid_request';
  if (!refused || !(resumed || (result?.num_turns ?? 0) > 1)) return message;
  return `${message}\nThe conversation itself may be what is refused: \`group retry --fresh\` begins a new one.`;
}

const howItEnded = ({ signal, code }: ProcessExit): string =>
  signal ? `was ended by ${signal}` : `exited with code ${code}`;

const lastLines = (text: string): string => text.split('\n').slice(-5).join('\n').slice(-1_000);
