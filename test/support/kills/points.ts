import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { RunGit } from '../../../src/sdk/workspace/git/run.ts';

/** Where an engine can be made to die: around git calls, around records, before changes of files. */
export type PointKind = 'git' | 'records' | 'files';

/** Which points count: POINTS. Default: all. */
const KINDS = process.env.POINTS?.split(',') ?? ['git', 'records', 'files'];
/** The point at which this process kills itself: DIE_AT. 0: none. */
const DIE_AT = Number(process.env.DIE_AT ?? 0);

const points: string[] = [];

/** The points that this process has passed, one a line, by what happens there: `git update-ref`. */
export const passed = (): string => points.join('\n');

/** Counts a point; the process dies at the one that it is to die at. */
export function point(kind: PointKind, what: string): void {
  if (!KINDS.includes(kind)) return;
  points.push(`${kind} ${what}`);
  if (points.length === DIE_AT) process.kill(process.pid, 'SIGKILL');
}

/** A point before and after each call of git. */
export const pointedGit =
  (git: RunGit): RunGit =>
  async (call, site) => {
    const what = call.args.find((arg, at) => arg !== '-c' && call.args[at - 1] !== '-c') ?? '';
    point('git', what);
    try {
      return await git(call, site);
    } finally {
      point('git', what);
    }
  };

/** From now on, there is a point before each change that this process makes to a file below the folder without git. */
export function pointFiles(folder: string): void {
  const pointed =
    <Args extends unknown[], Answer>(change: (...args: Args) => Answer) =>
    (...args: Args): Answer => {
      if (String(args[0]).startsWith(folder)) point('files', change.name);
      return change(...args);
    };
  Object.assign(fs, {
    copyFileSync: pointed(fs.copyFileSync),
    mkdirSync: pointed(fs.mkdirSync),
    openSync: pointed(fs.openSync),
    renameSync: pointed(fs.renameSync),
    rmSync: pointed(fs.rmSync),
    rmdirSync: pointed(fs.rmdirSync),
    writeFileSync: pointed(fs.writeFileSync),
  });
  syncBuiltinESMExports();
}
