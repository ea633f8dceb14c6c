import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests with the real Claude Code client (`npm run test:claude`); each starts processes of 200 MB. */
export default defineConfig({
  test: {
    include: ['test/claude/**/*.test.ts'],
    // For programs that the code under test starts.
    execArgv: ['--import', fileURLToPath(new URL('./scripts/load-typescript.mjs', import.meta.url))],
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
  },
});
