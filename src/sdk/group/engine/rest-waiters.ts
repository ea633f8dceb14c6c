import { SessionGroupsError } from '../../errors.ts';
import type { GroupResult } from '../progress/progress.ts';

interface Rest {
  readonly resolve: (result: GroupResult) => void;
  readonly reject: (error: Error) => void;
}

/** Those who wait for the group to pause or settle. Every one is answered, also when the chart fails (RUNNER-3). */
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
    result.catch(() => {}); // whoever asked may have been refused before
    return { result, forget };
  }

  /** Those who wait until now, and no longer; the returned function answers them. */
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

/** What those who wait for a group are told when its chart has failed; an error of ours says itself what is wrong. */
export function chartFailure(reason: unknown): SessionGroupsError {
  if (reason instanceof SessionGroupsError) return reason;
  const cause = reason instanceof Error ? reason : new Error(String(reason));
  return new SessionGroupsError('internal_error', `the group's chart has failed: ${cause.message}`, {
    cause,
  });
}
