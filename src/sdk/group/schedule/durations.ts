/** The durations of settled sessions, from which missing estimates are derived. */
export class Durations {
  readonly all: number[] = [];

  /** Returns the median at 1, 2, 4, 8 … durations only, so that the amortised cost per duration is O(log n). */
  add(durationMs: number): number | undefined {
    this.all.push(durationMs);
    const n = this.all.length;
    return (n & (n - 1)) === 0 ? [...this.all].sort((a, b) => a - b)[n >> 1] : undefined;
  }
}
