import { Subject } from 'rxjs';
import { SessionGroupsError, textOfThrown } from '../../../errors.ts';
import type { GroupResult } from '../../progress/progress.ts';

interface Rest {
  readonly resolve: (result: GroupResult) => void;
  readonly reject: (error: Error) => void;
}

/** What a rest is told of. */
export interface RestingGroup {
  result(): GroupResult;
  storeError(): Pick<GroupResult, 'storeError'>;
  /** Resolves once it is known whether everything so far is written. undefined: it is known. */
  answered(): Promise<void> | undefined;
  /** Called after each rest. */
  onRest(): void;
}

/** Callers that wait for the group to pause or settle. Each is answered, even if the chart fails (RUNNER-3). */
export class RestWaiters {
  /** Emits each time the group has settled. */
  readonly settlements = new Subject<GroupResult>();
  readonly #group: RestingGroup;
  readonly #waiting = new Set<Rest>();

  constructor(group: RestingGroup) {
    this.#group = group;
  }

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

  /**
   * Takes the waiters first: a subscriber that reacts to this rest with a new request waits for the next one.
   * @returns answers them.
   */
  resting(): (settled: boolean) => void {
    const group = this.#group;
    const rests = [...this.#waiting];
    this.#waiting.clear();
    const answer = (result: GroupResult, settled: boolean): void => {
      for (const { resolve } of rests) resolve(result);
      queueMicrotask(() => {
        group.onRest();
        if (settled) this.settlements.next(result);
      });
    };
    return settled => {
      const result = group.result();
      const answered = group.answered();
      if (answered) void answered.then(() => answer({ ...result, ...group.storeError() }, settled));
      else answer(result, settled);
    };
  }

  failAll(error: Error): void {
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  /** @param error for whoever still waits. */
  close(error: Error): void {
    this.failAll(error);
    this.settlements.complete();
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
