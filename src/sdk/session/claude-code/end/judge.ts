import type { ErrorCode } from '../../../../../machines/vocabulary.ts';
import { given } from '../../../given.ts';
import { errorCodeOf } from '../error-code.ts';
import { type Author, codeOfClientText, errorOfText } from './client-text.ts';
import { CUT_REPLIES, END_OF_SUBTYPE, type End, endOf } from './ends.ts';
import { ahead, resetTimeIn } from './reset-time.ts';
import { codeOfStartFailure, codeOfStartText } from './start-failures.ts';
import { whyWaits } from './waiting-tools.ts';

/** What is known when the client has printed a result: all that its end is judged by. */
export interface EndFacts {
  readonly isError: boolean;
  readonly terminalReason?: string;
  readonly subtype?: string;
  /** Absent if the client doesn't say. */
  readonly turns?: number;
  /** The model has answered at least once. */
  readonly replied: boolean;
  /** Messages that the client has not begun to work on. */
  readonly queuedTurns: number;
  /** It has worked on after the result, and printed none for that. */
  readonly worksOn: boolean;
  /** The result; or, where that is empty, the session's last text since its last tool. */
  readonly text: string;
  /** Who wrote the text, and what is printed; absent if nothing says it. */
  readonly author?: Author;
  readonly hasOutput: boolean;
  /** A tool that the session has called, and whose effect is still to come, or elsewhere. */
  readonly waitsFor?: string;
  readonly stopReason?: string;
  /** What a hook or a command of the client said that kept the turn from running, or from being accepted as ended. */
  readonly prevented?: string;
  /** The client's own command that the prompt was, such as `compact`. */
  readonly localCommand?: string;
  /** The client's name for the last API error, and its HTTP status. */
  readonly errorKind?: string;
  readonly apiStatus?: number;
  readonly startFailure?: string;
  /** Printed about a failure; empty if nothing was. */
  readonly printed: string;
  /** The account's limit, if the client has reported that it is reached. */
  readonly limit?: { readonly until?: number };
  /** We asked for the end. */
  readonly asked: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
}

export type Judgement =
  | { readonly is: 'done' }
  | { readonly is: 'failed'; readonly code: ErrorCode; readonly message: string }
  | { readonly is: 'limited'; readonly until?: number; readonly message: string }
  | { readonly is: 'interrupted' }
  /** The client is still at work: this result isn't its last. */
  | { readonly is: 'not_over' };

/**
 * The one place that says what a result of the client is. Pure.
 * Invariant: only a result without an error, whose turn ended by itself and left something, is done: that is
 * `terminal_reason: completed`, or none from a client that has run a turn (2.1.197 knows fewer reasons). What the client
 * itself wrote in the model's place is nothing to build on, whatever its words. A failure is the last word, whatever the client does after it.
 */
export function judge(facts: EndFacts): Judgement {
  if (facts.startFailure !== undefined) {
    return failed(codeOfStartFailure(facts.startFailure), facts.printed || facts.startFailure);
  }
  const name = facts.terminalReason ?? END_OF_SUBTYPE[facts.subtype ?? ''];
  const end = name === undefined ? undefined : endOf(name);
  if (name !== undefined && end === undefined) return unknownEnd(facts, name);
  if (end && end.is !== 'done') return failure(facts, end);
  if (facts.isError) return failure(facts, { is: 'by_class', means: 'claude ended with an error' });
  const said = errorOfText(facts.text, facts.author);
  if (facts.errorKind !== undefined || said !== undefined) return clientError(facts, said);
  if (facts.queuedTurns > 0 || facts.worksOn) return { is: 'not_over' };
  return end || ranTurn(facts) ? completion(facts) : noTurn(facts);
}

const failed = (code: ErrorCode, message: string): Judgement => ({ is: 'failed', code, message });

const ranTurn = ({ turns, replied }: EndFacts): boolean => (turns === undefined ? replied : turns > 0);

/** An end that is no completion, whatever `is_error` says. */
function failure(facts: EndFacts, end: End): Judgement {
  const { asked, printed } = facts;
  if (asked && end.ifAsked) return { is: 'interrupted' };
  const message = explained(end, printed);
  if (end.is !== 'by_class' && end.is !== 'done') return failed(end.is, message);
  const byClass = codeByClass(facts);
  if (byClass === 'rate_limited') return limited(facts, message);
  if (byClass !== undefined) return failed(byClass, message);
  return asked ? { is: 'interrupted' } : failed('agent_error', message);
}

/**
 * What a client says that ends without a result, if it is an error: the class in its stream, or a text that is one as a
 * whole.
 */
export function judgeLastWords(
  facts: Pick<EndFacts, 'text' | 'author' | 'errorKind' | 'limit' | 'now'>,
): Judgement | undefined {
  const said = errorOfText(facts.text, facts.author);
  return facts.errorKind === undefined && said === undefined ? undefined : clientError(facts, said);
}

/** The client's own error message in place of an answer, although it calls the turn completed. */
function clientError(
  facts: Pick<EndFacts, 'text' | 'errorKind' | 'limit' | 'now'> & Partial<EndFacts>,
  said?: ErrorCode,
): Judgement {
  const message = facts.text || (facts.printed ?? '');
  const code = said ?? errorCodeOf(facts.errorKind, facts.apiStatus) ?? codeOfClientText(message, facts.now);
  return code === 'rate_limited' ? limited(facts, message) : failed(code, message);
}

/** What stopped the turn is not in what the client prints if that is the model's own text. */
function explained({ is, means }: End, printed: string): string {
  if (printed === '') return means;
  return is === 'turn_prevented' || is === 'turn_ended_early' ? `${means}: ${printed}` : printed;
}

/** Undefined if nothing says what went wrong. */
function codeByClass({ errorKind, apiStatus, printed, author, replied }: EndFacts): ErrorCode | undefined {
  const said = errorOfText(printed, author);
  if (said === 'rate_limited') return said;
  return errorCodeOf(errorKind, apiStatus) ?? said ?? (replied ? undefined : codeOfStartText(printed));
}

function unknownEnd(facts: EndFacts, name: string): Judgement {
  const means = `the turn ended with ${JSON.stringify(name)}, which this version does not know`;
  const code = facts.isError ? codeByClass(facts) : undefined;
  if (code === 'rate_limited') return limited(facts, facts.printed || means);
  return failed(code ?? 'turn_ended_early', facts.printed === '' ? means : `${means}: ${facts.printed}`);
}

/** A client that has printed a result without having asked the model. */
function noTurn({ asked, prevented, localCommand, text }: EndFacts): Judgement {
  if (asked) return { is: 'interrupted' };
  const command = localCommand === undefined ? '' : `/${localCommand} is a command of Claude Code`;
  const why = prevented ?? (command || text || 'the prompt was a command, or a hook refused it');
  return failed('turn_prevented', `the model was not asked: ${why}`);
}

/** The turn has ended by itself: whether it has left something to build on. */
function completion(facts: EndFacts): Judgement {
  const { asked, text, author, hasOutput, waitsFor, prevented, stopReason = '' } = facts;
  if (prevented !== undefined) return failed('turn_prevented', prevented);
  if (author === 'client' && !hasOutput) return asked ? { is: 'interrupted' } : clientError(facts);
  const cut = CUT_REPLIES[stopReason];
  if (cut !== undefined) return asked ? { is: 'interrupted' } : failed('turn_ended_early', cut);
  if (waitsFor !== undefined) {
    return failed('turn_ended_early', `the turn ended while ${waitsFor} was pending: ${whyWaits(waitsFor)}`);
  }
  if (text.trim() !== '' || hasOutput) return { is: 'done' };
  return asked ? { is: 'interrupted' } : failed('empty_result', 'the session ended without saying anything');
}

/** With the time that the client reports, else the one in its text; one that has passed is none. */
function limited({ limit, now }: Pick<EndFacts, 'limit' | 'now'>, message: string): Judgement {
  const reported = limit?.until === undefined ? undefined : ahead(limit.until, now);
  const until = reported ?? resetTimeIn(message, now);
  return { is: 'limited', ...given({ until }), message };
}
