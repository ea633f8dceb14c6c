import { defineConfig } from 'vitest/config';

/** Tests of the package as npm would publish it (`npm run test:package`): packed, installed, run. */
export default defineConfig({
  test: {
    include: ['test/package/packed/**/*.test.ts'],
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
