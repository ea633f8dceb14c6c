/** How long sessions took, for the order of those without an estimate. */
export class Durations {
  readonly all: number[] = [];

  /** The median, at 1, 2, 4, 8 … durations: amortised, the cost of each stays flat. */
  add(durationMs: number): number | undefined {
    this.all.push(durationMs);
    const n = this.all.length;
    return (n & (n - 1)) === 0 ? [...this.all].sort((a, b) => a - b)[n >> 1] : undefined;
  }
}
