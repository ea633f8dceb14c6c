import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import * as fc from 'fast-check';
import { afterEach } from 'vitest';
import { runs } from '../runs.ts';

// For the quick run. Properties that don't set their number of runs, run a hundred times.
fc.configureGlobal({ numRuns: runs(100) });

/*
 * Starting a process throws, and the test in which that happens fails, even if it takes the error for a missing
 * program.
 */
const STARTERS = ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync'] as const;
const refused: Error[] = [];
const refuse = (name: string) => (program: unknown) => {
  const error = new Error(`${name} ${program}: a file that starts processes says @module-tag processes`);
  refused.push(error);
  throw error;
};
Object.assign(childProcess, Object.fromEntries(STARTERS.map(name => [name, refuse(name)])));
syncBuiltinESMExports();

afterEach(() => {
  const [first] = refused.splice(0);
  if (first) throw first;
});
