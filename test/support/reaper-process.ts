import { existsSync, readFileSync } from 'node:fs';
import { readProcessTable } from '../../src/sdk/process/process-table.ts';

/** Processes that this one has started and that are still its children. */
export const childrenOf = (pid: number | undefined) =>
  readProcessTable().filter(({ parent }) => parent === pid);

/** The command line of a process, its words joined by NUL; empty when it has gone. */
export function commandOf(pid: number): string {
  const path = `/proc/${pid}/cmdline`;
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** The reaper of an engine: the child that runs its program. */
export const reaperOf = (engine: number | undefined): number | undefined =>
  childrenOf(engine).find(({ pid }) => commandOf(pid).includes('session-groups-reaper'))?.pid;
