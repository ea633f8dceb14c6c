import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { SessionGroupsError } from '../errors.ts';
import { reaperReady } from '../process/reaper/reaper.ts';
import { programProblem } from '../program-problem.ts';
import type { AgentCheck, AttemptEnd } from './agent.ts';

/**
 * How an attempt ends if its program couldn't be started. The system also reports ENOENT for a missing working
 * directory, so this checks which of the two it was.
 */
export function spawnFailure(
  error: NodeJS.ErrnoException,
  { command, cwd }: { readonly command: string; readonly cwd: string },
): AttemptEnd {
  if (!isFolder(cwd)) {
    return { outcome: 'failed', code: 'prepare_failed', message: `project folder does not exist: ${cwd}` };
  }
  const reason = REASONS[error.code ?? ''];
  const problem = isAbsolute(command) ? programProblem(command) : undefined;
  if (problem) return { outcome: 'failed', code: 'agent_not_found', message: problem.message };
  return reason === undefined
    ? { outcome: 'failed', code: 'agent_error', message: `could not start ${command}: ${error.message}` }
    : { outcome: 'failed', code: 'agent_not_found', message: `${reason}: ${command}` };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'program not found',
  ENOTDIR: 'program not found',
  EACCES: 'no permission to run',
  EPERM: 'no permission to run',
  ENOEXEC: 'not an executable program',
};

export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** The check of an agent whose programs the reaper watches, when there can't be one; undefined if there is. */
export async function reaperProblem(): Promise<AgentCheck | undefined> {
  try {
    await reaperReady();
    return undefined;
  } catch (error) {
    if (!(error instanceof SessionGroupsError)) throw error;
    return { ok: false, code: error.code, message: error.message, hint: error.hint ?? '' };
  }
}
