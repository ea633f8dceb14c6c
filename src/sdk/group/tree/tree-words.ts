import type { SessionError } from '../../../../machines/vocabulary.ts';
import type { CommandsOutcome } from '../../delivery/run-commands.ts';
import { textOfThrown } from '../../errors.ts';
import { WorkspaceError } from '../../workspace/error.ts';
import type { Conflict, FileChange } from '../../workspace/port.ts';
import { MAX_FILES, type StoredResult } from '../journal/stored-result.ts';

/** What a session's tree has to say: to people, to its conversation, and to the journal. */

export type Changed = Required<Pick<StoredResult, 'changedFiles'>> & Pick<StoredResult, 'moreChangedFiles'>;

/** A rename counts as two. */
export function listed(changes: readonly FileChange[]): Changed {
  const paths = changes
    .flatMap(({ path, before }) => (before === undefined ? [path] : [before, path]))
    .sort();
  const more = paths.length - MAX_FILES;
  return { changedFiles: paths.slice(0, MAX_FILES), ...(more > 0 ? { moreChangedFiles: more } : {}) };
}

/** For people, and for the conversation that is to correct it. */
export function failureOf(
  code: 'setup_failed' | 'verify_failed',
  { command, how, output }: Extract<CommandsOutcome, { kind: 'red' }>,
): SessionError {
  // The first line says what failed and how; a command may have several.
  const first = `${command.replace(/\s*[\r\n]\s*/g, ' ')}: ${how}`;
  return { code, message: `${first}${output === '' ? '' : `\n\n${output.trimEnd()}`}` };
}

const MOST_NAMED = 20;

/** @param authors whose change it is, if that is known. */
export function conflictError(
  { theirs, files }: Pick<Conflict, 'theirs' | 'files'>,
  authors: readonly string[] = [],
): SessionError {
  const whom = authors.length > 0 ? authors.join(', ') : theirs.slice(0, 12);
  return { code: 'merge_conflict', message: `conflict with ${whom} in ${named(files)}` };
}

/** At most 20 by name. */
export function named(files: readonly string[]): string {
  const more = files.length > MOST_NAMED ? ` and ${files.length - MOST_NAMED} more` : '';
  return `${files.slice(0, MOST_NAMED).join(', ')}${more}`;
}

/** Why a step could not be taken, and what can be done about it. */
export function errorOf(reason: unknown): SessionError {
  const said = textOfThrown(reason);
  if (!(reason instanceof WorkspaceError)) return { code: 'workspace_failed', message: said };
  const message = reason.hint === undefined ? said : `${said}. ${reason.hint}`;
  const isFinal = reason.workspace === 'workspace_failed' && !reason.retryable;
  return { code: isFinal ? 'prepare_failed' : reason.workspace, message };
}
