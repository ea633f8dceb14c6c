import { vi } from 'vitest';

/** Resolves once the condition is true. */
export const until = (isSo: () => boolean | Promise<boolean>): Promise<void> =>
  vi.waitFor(
    async () => {
      if (!(await isSo())) throw new Error('not yet');
    },
    { timeout: 60_000, interval: 20 },
  );
