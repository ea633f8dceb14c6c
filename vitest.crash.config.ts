import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests that kill engines (`npm run test:crash`): hundreds of processes, so apart from the quick tests. */
export default defineConfig({
  test: {
    include: ['test/crash/**/*.test.ts'],
    // For programs that the code under test starts.
    execArgv: ['--import', fileURLToPath(new URL('./scripts/load-typescript.mjs', import.meta.url))],
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 180_000,
    hookTimeout: 180_000,
    fileParallelism: false,
  },
});
