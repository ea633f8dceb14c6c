import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the runs of a property, those that are made. */
    readonly shareOfRuns: number;
  }
}

/** How often a property runs; the quick run makes a tenth of it. */
export const runs = (all: number): number => Math.max(1, Math.round(all * (inject('shareOfRuns') ?? 1)));
