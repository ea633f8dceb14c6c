import { defineConfig } from 'vitest/config';

/** The packed package in a bundler that takes minutes (`npm run test:bundlers`). */
export default defineConfig({
  test: {
    include: ['test/package/bundlers/**/*.test.ts'],
    globalSetup: ['test/package/setup/pack.ts'],
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 180_000,
    hookTimeout: 900_000,
  },
});
