import type { ThrownCode } from './error-codes.ts';

/** Base class of every error that the library throws on purpose. `code` is stable; the message is for people. */
export class SessionGroupsError extends Error {
  override readonly name: string = 'SessionGroupsError';
  readonly code: ThrownCode;
  /** What the user can do about it. */
  readonly hint: string | undefined;

  constructor(code: ThrownCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** A request that the group's state doesn't allow. The command line exits with code 5. */
export class RefusedError extends SessionGroupsError {
  override readonly name = 'RefusedError';
}

/** An agent can't start: its program is missing, too old or not logged in, or the reaper can't run. Exit code 4. */
export class AgentUnavailableError extends SessionGroupsError {
  override readonly name = 'AgentUnavailableError';
}

/** What was thrown, in words. Never throws itself: not everything can be made a string. */
export function textOfThrown(reason: unknown): string {
  try {
    return reason instanceof Error ? reason.message || String(reason) : String(reason);
  } catch {
    return 'something without a text was thrown';
  }
}

/**
 * Calls the host's code. What it throws goes to `caught`, also later, if the code is asynchronous although it should not
 * be: an unhandled rejection would end the host's process.
 */
export function shielded<T>(call: () => T, caught: (reason: unknown) => void): T | undefined {
  try {
    const answer = call();
    catchLater(answer, caught);
    return answer;
  } catch (reason) {
    caught(reason);
    return undefined;
  }
}

/** For code whose errors are its caller's: only what an answer that is a promise comes to later is caught. */
export function catchLater(answer: unknown, caught: (reason: unknown) => void): void {
  if (isPromised(answer)) Promise.resolve(answer).catch(caught);
}

/** Where an answer is due at once. */
export const isPromised = (answer: unknown): answer is PromiseLike<unknown> =>
  typeof answer === 'object' && answer !== null && 'then' in answer;

/** An answer that can't be used, as an error that names what was asked. */
export const unusable = (asked: string, answer: unknown): Error =>
  new Error(`${asked} answered ${isPromised(answer) ? 'with a promise' : textOfThrown(answer)}`);
