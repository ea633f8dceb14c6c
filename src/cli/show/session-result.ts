import { counted } from '../../sdk/format.ts';
import { resultIn, type StoredResult } from '../../sdk/group/journal/session-result.ts';
import type { CurrentSession } from '../groups/session.ts';
import { cleanBlock, cleanLine } from '../text.ts';

/** What a completed session left, as its event says; undefined for any other. */
export function resultOf({ stored, session }: CurrentSession): StoredResult | undefined {
  if (session.status !== 'completed') return undefined;
  const last = stored.records.findLast(
    record => record.type === 'session_completed' && record.sessionId === session.id,
  );
  return last?.type === 'session_completed' ? resultIn(last) : undefined;
}

const MOST_FILES = 20;

/** The same for people. */
export function resultLines(left: StoredResult): string[] {
  const { result, output, outputFile, changedFiles, moreChangedFiles = 0 } = left;
  const parts = [
    changedFiles === undefined ? undefined : changedLines(changedFiles, moreChangedFiles),
    outputFile === undefined ? undefined : `  output: ${cleanLine(outputFile)}`,
    output === undefined ? undefined : `\n${cleanBlock(JSON.stringify(output, undefined, 2))}`,
    result === '' || result === JSON.stringify(output) ? undefined : `\n${cleanBlock(result).trimEnd()}`,
  ];
  return parts.filter(part => part !== undefined);
}

function changedLines(files: readonly string[], more: number): string {
  const shown = files.slice(0, MOST_FILES).map(file => `    ${cleanLine(file)}`);
  const rest = files.length + more - shown.length;
  const lines = [...shown, ...(rest > 0 ? [`    and ${rest} more`] : [])];
  return [`  changed: ${counted(files.length + more, 'file')}`, ...lines].join('\n');
}
