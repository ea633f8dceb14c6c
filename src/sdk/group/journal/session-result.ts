import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { systemDisk } from '../../disk/disk.ts';
import { replaceFile } from '../../disk/disk-files.ts';
import { SessionGroupsError, textOfThrown } from '../../errors.ts';
import { given } from '../../given.ts';
import { cutText, LONGEST_RESULT_BYTES } from '../document/cut-text.ts';
import type { SessionStatus } from '../types.ts';
import type { JournalRecord } from './records.ts';
import type { KeptFields, StoredResult } from './stored-result.ts';

const RESULT_FILE = 'result.md';
const OUTPUT_FILE = 'output.json';

/**
 * Stores a text or output that is too long for prompts and the journal in a file (0600) in the session's folder.
 * Without a folder, both stay in memory, complete. If a file can't be written, the text is cut and the output kept.
 * @param warn receives a message for each file that could not be written.
 */
export function storeResult(
  { result, output }: { readonly result: string; readonly output: unknown },
  folder: string | undefined,
  warn: (message: string) => void,
): StoredResult {
  if (folder === undefined) return { result, output };
  const keep = (name: string, text: string): string | undefined => {
    if (Buffer.byteLength(text) <= LONGEST_RESULT_BYTES) return undefined;
    const path = join(folder, name);
    try {
      replaceFile(systemDisk, path, text);
      return path;
    } catch (error) {
      warn(`${path} could not be written: ${error instanceof Error ? error.message : error}`);
      return undefined;
    }
  };
  const resultFile = keep(RESULT_FILE, result);
  const outputFile = output === undefined ? undefined : keep(OUTPUT_FILE, JSON.stringify(output));
  return { result: cutText(result, resultFile), output, ...given({ resultFile, outputFile }) };
}

/** The fields of the `session_completed` event: bounded, except for an output whose file could not be written. */
export function eventOfResult(kept: StoredResult): KeptFields {
  const { result, resultFile, outputFile, changedFiles: files, moreChangedFiles } = kept;
  const output = outputFile === undefined ? kept.output : undefined;
  const changedFiles = files && [...files];
  return given({ result: cutText(result), resultFile, output, outputFile, changedFiles, moreChangedFiles });
}

/** The result in that event. */
export function resultIn(event: KeptFields): StoredResult {
  const { result, resultFile, output, outputFile, changedFiles, moreChangedFiles } = event;
  return { result, output, ...given({ resultFile, outputFile, changedFiles, moreChangedFiles }) };
}

/** The result of a completed session, from its event; undefined for any other session. */
export function resultOf(
  records: readonly JournalRecord[],
  { id, status }: { readonly id: string; readonly status: SessionStatus },
): StoredResult | undefined {
  if (status !== 'completed') return undefined;
  const last = records.findLast(record => record.type === 'session_completed' && record.sessionId === id);
  return last?.type === 'session_completed' ? resultIn(last) : undefined;
}

/** A result restored from the journal; an output in a file is read on demand. */
export function restoredResult(
  { output, ...rest }: StoredResult,
  folder: () => string | undefined,
): StoredResult {
  const { outputFile } = rest;
  if (outputFile === undefined) return { ...rest, output };
  let read: { readonly output: unknown } | undefined;
  return {
    ...rest,
    get output() {
      read ??= { output: readOutput(join(folder() ?? '', basename(outputFile))) };
      return read.output;
    },
  };
}

function readOutput(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const reason = textOfThrown(cause);
    throw new SessionGroupsError('result_lost', `the output of a session cannot be read: ${reason}`, {
      cause,
      hint: `Restore ${path}, or retry the session.`,
    });
  }
}
