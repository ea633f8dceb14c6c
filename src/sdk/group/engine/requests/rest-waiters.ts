import { SessionGroupsError, textOfThrown } from '../../../errors.ts';
import type { GroupResult } from '../../progress/progress.ts';

interface Rest {
  readonly resolve: (result: GroupResult) => void;
  readonly reject: (error: Error) => void;
}

/** Callers that wait for the group to pause or settle. Each is answered, even if the chart fails (RUNNER-3). */
export class RestWaiters {
  readonly #waiting = new Set<Rest>();

  /** Resolves at the next rest. */
  next(): { readonly result: Promise<GroupResult>; forget(): void } {
    let forget = () => {};
    const result = new Promise<GroupResult>((resolve, reject) => {
      const rest = { resolve, reject };
      this.#waiting.add(rest);
      forget = () => this.#waiting.delete(rest);
    });
    result.catch(() => {}); // unhandled if the caller's request was refused
    return { result, forget };
  }

  /** Removes the current waiters; the returned function answers them. */
  take(): (result: GroupResult) => void {
    const rests = [...this.#waiting];
    this.#waiting.clear();
    return result => {
      for (const { resolve } of rests) resolve(result);
    };
  }

  failAll(error: Error): void {
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
  }
}

/** The error for everyone who waits for a group whose chart has failed. */
export function chartFailure(reason: unknown): SessionGroupsError {
  if (reason instanceof SessionGroupsError) return reason;
  const cause = reason instanceof Error ? reason : new Error(textOfThrown(reason));
  return new SessionGroupsError('internal_error', `the group's chart has failed: ${cause.message}`, {
    cause,
  });
}
