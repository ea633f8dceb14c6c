import { counted } from '../../sdk/format.ts';
import type { StoredResult } from '../../sdk/group/journal/stored-result.ts';
import { MOST_DIRTY } from '../../sdk/project/working-tree.ts';
import { cleanBlock, cleanLine } from '../text.ts';

const MAX_FILES = 20;

/** The result as text. @param folder where its agent works on files; undefined if it never does. */
export function resultLines(stored: StoredResult, folder: string | undefined): string[] {
  const { result, output, outputFile, changedFiles, moreChangedFiles = 0 } = stored;
  const parts = [
    changedFiles === undefined ? unknownChanges(folder) : changedLines(changedFiles, moreChangedFiles),
    outputFile === undefined ? undefined : `  output: ${cleanLine(outputFile)}`,
    output === undefined ? undefined : `\n${cleanBlock(JSON.stringify(output, undefined, 2))}`,
    result === '' || result === JSON.stringify(output) ? undefined : `\n${cleanBlock(result).trimEnd()}`,
  ];
  return parts.filter(part => part !== undefined);
}

/** The project has no repository, or has too much in it that is not committed. */
const unknownChanges = (folder: string | undefined): string | undefined =>
  folder === undefined
    ? undefined
    : `  changed: not known, since git could not tell; it can where ${cleanLine(folder)} is in a repository (git init) with at most ${counted(MOST_DIRTY, 'uncommitted file')} when the session begins`;

function changedLines(files: readonly string[], more: number): string {
  const shown = files.slice(0, MAX_FILES).map(file => `    ${cleanLine(file)}`);
  const rest = files.length + more - shown.length;
  const lines = [...shown, ...(rest > 0 ? [`    and ${rest} more`] : [])];
  return [`  changed: ${counted(files.length + more, 'file')}`, ...lines].join('\n');
}
