import { defineConfig, mergeConfig } from 'vitest/config';
import whole, { projects } from './vitest.config.ts';

/** The inner loop (`npm run test:quick`): starts no process; properties run a tenth as often. */
export default mergeConfig(
  { ...whole, test: { ...whole.test, projects: projects(file => !file.processes && !file.long) } },
  defineConfig({
    test: { setupFiles: ['test/support/setup/quick.ts'], provide: { shareOfRuns: 0.1 } },
  }),
);
