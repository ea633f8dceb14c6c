import { defineConfig } from 'vitest/config';

/** Tests of the package as npm would publish it (`npm run test:package`): packed, installed and run. */
export default defineConfig({
  test: {
    include: ['test/package/packed/**/*.test.ts'],
    globalSetup: ['test/package/setup/pack.ts'],
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 180_000,
    hookTimeout: 300_000,
    maxWorkers: '100%',
  },
});
