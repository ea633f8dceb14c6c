import { defineConfig } from 'vitest/config';

/** Tests with the real Claude Code client (`npm run test:claude`); each starts processes of 200 MB. */
export default defineConfig({
  test: {
    include: ['test/claude/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
