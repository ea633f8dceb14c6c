import { defineConfig, mergeConfig } from 'vitest/config';
import whole, { projects } from './vitest.config.ts';

/** The inner loop (`npm run test:quick`): no process is started, and properties make a tenth of their runs. */
export default mergeConfig(
  { ...whole, test: { ...whole.test, projects: projects(file => !file.processes && !file.long) } },
  defineConfig({
    test: { setupFiles: ['test/support/setup/quick.ts'], provide: { shareOfRuns: 0.1 } },
  }),
);
