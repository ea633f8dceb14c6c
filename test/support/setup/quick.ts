import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import * as fc from 'fast-check';
import { afterEach } from 'vitest';
import { runs } from '../runs.ts';

// Of the quick run. Properties that do not say how often they run, run a hundred times.
fc.configureGlobal({ numRuns: runs(100) });

/*
 * Whoever starts a process is refused, and the test in which that happens fails, also where the refusal is taken for
 * a program that there is not.
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
