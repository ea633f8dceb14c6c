import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** The share of a property's runs that is executed. */
    readonly shareOfRuns: number;
  }
}

/** The number of runs of a property; the quick run makes a tenth of it. */
export const runs = (all: number): number => Math.max(1, Math.round(all * (inject('shareOfRuns') ?? 1)));
