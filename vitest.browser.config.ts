import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests of the pages, and journeys of users, in a real Chromium (`npm run test:browser`). */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts', 'test/journeys/**/*.test.ts'],
    // For programs that the code under test starts.
    execArgv: ['--import', fileURLToPath(new URL('./scripts/load-typescript.mjs', import.meta.url))],
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: '100%',
  },
});
