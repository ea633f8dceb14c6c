import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      'test/claude/**',
      'test/crash/**',
      'test/browser/**',
      'test/package/packed/**',
      'node_modules/**',
      'dist/**',
    ],
    // For the programs that the sources start.
    execArgv: ['--import', fileURLToPath(new URL('./scripts/load-typescript.mjs', import.meta.url))],
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
