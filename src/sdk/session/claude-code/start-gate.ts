import { availableParallelism } from 'node:os';

/**
 * Bounds how many clients start at once. Eight started together on two processors need seven seconds to say
 * their first word, and each is slower than it would be in a queue.
 * Invariant: at most `limit` places are taken; they are given in the order of asking.
 */
export interface StartGate {
  /** Calls `enter` with a place, at once or later; the function that it returns gives the question up. */
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
      enter(placeIn());
    }
  };
  const placeIn = (): (() => void) => {
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
