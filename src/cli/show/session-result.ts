import { counted } from '../../sdk/format.ts';
import type { StoredResult } from '../../sdk/group/journal/stored-result.ts';
import { cleanBlock, cleanLine } from '../text.ts';

const MAX_FILES = 20;

/** The result as text. @param rehearsed by an agent that changes no files. */
export function resultLines(stored: StoredResult, rehearsed: boolean): string[] {
  const { result, output, outputFile, changedFiles, moreChangedFiles = 0 } = stored;
  const parts = [
    changedFiles === undefined ? unknownChanges(rehearsed) : changedLines(changedFiles, moreChangedFiles),
    outputFile === undefined ? undefined : `  output: ${cleanLine(outputFile)}`,
    output === undefined ? undefined : `\n${cleanBlock(JSON.stringify(output, undefined, 2))}`,
    result === '' || result === JSON.stringify(output) ? undefined : `\n${cleanBlock(result).trimEnd()}`,
  ];
  return parts.filter(part => part !== undefined);
}

const unknownChanges = (rehearsed: boolean): string | undefined =>
  rehearsed ? undefined : '  changed: not known (only git can tell, in a repository)';

function changedLines(files: readonly string[], more: number): string {
  const shown = files.slice(0, MAX_FILES).map(file => `    ${cleanLine(file)}`);
  const rest = files.length + more - shown.length;
  const lines = [...shown, ...(rest > 0 ? [`    and ${rest} more`] : [])];
  return [`  changed: ${counted(files.length + more, 'file')}`, ...lines].join('\n');
}
