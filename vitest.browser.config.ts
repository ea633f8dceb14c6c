import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests of the pages in a real Chromium (`npm run test:browser`). */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    // For the programs that the sources start.
    execArgv: ['--import', fileURLToPath(new URL('./scripts/load-typescript.mjs', import.meta.url))],
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
