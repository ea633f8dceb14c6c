/** A session that has not settled. */
export interface Unsettled {
  /** How long it is expected to take, ms. */
  readonly expectedMs: number;
  /** How long it has taken, ms; undefined before its first attempt. */
  readonly elapsedMs: number | undefined;
}

/**
 * A rough estimate of the time that a group still takes, ms. Undefined once a session has taken longer than
 * was expected: what is left of it is not known.
 */
export function remainingTime(sessions: readonly Unsettled[], maxConcurrent: number): number | undefined {
  let sum = 0;
  let longest = 0;
  for (const { expectedMs, elapsedMs } of sessions) {
    const left = expectedMs - (elapsedMs ?? 0);
    if (elapsedMs !== undefined && left <= 0) return undefined;
    sum += left;
    longest = Math.max(longest, left);
  }
  return sessions.length === 0 ? 0 : Math.max(longest, sum / Math.min(maxConcurrent, sessions.length));
}
