import { WorkspaceError } from '../error.ts';

const LOCKED = /Unable to create '(.+\.lock)': File exists/;
/** Of a file that it could open and not fill, git does not say why. */
const FULL = /No space left on device|Disk quota exceeded|unable to write (?:file |new index file)/;
/**
 * A `git gc` beside it removes empty folders of objects, also one that was made a moment before to hold an object. Objects
 * are written before anything refers to them: such a call has changed nothing.
 */
const OVERTAKEN = /unable to create temporary file: No such file or directory/;
const UNTRUSTED = /detected dubious ownership in repository at '?(.*?)'?$/m;
const LONGEST_REASON = 300;

/** What git's error output says went wrong. */
export function failureOf(args: readonly string[], stderr: string, cause?: unknown): WorkspaceError {
  const [, lock] = LOCKED.exec(stderr) ?? [];
  if (lock !== undefined) {
    return new WorkspaceError('workspace_failed', `another git holds the lock ${lock}`, {
      cause,
      retryable: true,
      hint: `If no git is running there, remove it: rm '${lock}'`,
    });
  }
  const [, owned] = UNTRUSTED.exec(stderr) ?? [];
  if (owned !== undefined) {
    const hint = `If you trust it, run: git config --global --add safe.directory '${owned}'`;
    return new WorkspaceError('workspace_untrusted', `${owned} belongs to another user`, { cause, hint });
  }
  const lines = stderr.trim().split('\n');
  const reason = lines.find(line => /^(?:fatal|error): /.test(line)) ?? lines.at(-1) ?? '';
  const command = args.find(word => /^[a-z][a-z-]+$/.test(word)) ?? '';
  const message = `git ${command}: ${reason.slice(0, LONGEST_REASON) || 'it failed without a word'}`;
  const retryable = FULL.test(stderr) || OVERTAKEN.test(stderr);
  return new WorkspaceError('workspace_failed', message, { cause, retryable });
}

/** Another git has removed what this one had just made: it has done nothing, and does it when it is called again. */
export const isOvertaken = (error: unknown): boolean =>
  error instanceof WorkspaceError && OVERTAKEN.test(error.message);
