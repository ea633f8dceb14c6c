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

/** A request that the group's state doesn't allow (I15). Exit code 5. */
export class RefusedError extends SessionGroupsError {
  override readonly name = 'RefusedError';
}

/** The agent program is missing, too old or not logged in. Exit code 4. */
export class AgentUnavailableError extends SessionGroupsError {
  override readonly name = 'AgentUnavailableError';
}

/** What was thrown, in words. Never throws itself: not everything can be made a string. */
export function textOfThrown(reason: unknown): string {
  try {
    return reason instanceof Error ? reason.message : String(reason);
  } catch {
    return 'something without a text was thrown';
  }
}
