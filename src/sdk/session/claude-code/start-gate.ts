import { availableParallelism } from 'node:os';

/**
 * Limits how many clients start at once. Eight started together on two processors take seven seconds to print
 * anything, and each is slower than it would be in a queue.
 * Invariant: at most `limit` slots are taken, in the order of the requests.
 */
export interface StartGate {
  /** Calls `enter` with a slot, at once or later; the returned function withdraws the request. */
  request(enter: (leave: () => void) => void): () => void;
}

/** `limit`: default the number of processors, at least 1. */
export function createStartGate(limit = Math.max(1, availableParallelism())): StartGate {
  const waiting = new Set<(leave: () => void) => void>();
  let taken = 0;

  const admit = (): void => {
    for (const enter of waiting) {
      if (taken >= limit) return;
      waiting.delete(enter);
      taken += 1;
      enter(takeSlot());
    }
  };
  const takeSlot = (): (() => void) => {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      taken -= 1;
      admit();
    };
  };

  return {
    request(enter) {
      waiting.add(enter);
      admit();
      return () => waiting.delete(enter);
    },
  };
}
