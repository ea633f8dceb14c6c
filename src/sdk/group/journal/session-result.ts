import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { systemDisk } from '../../disk.ts';
import { replaceFile } from '../../disk-files.ts';
import { SessionGroupsError } from '../../errors.ts';
import { cutText, LONGEST_RESULT_BYTES } from '../document/cut-text.ts';
import type { GroupEventBody } from './events.ts';

/** What a session has left for those after it. */
export interface StoredResult {
  /** Its beginning, with a note, where the whole is in a file. */
  readonly result: string;
  /** Plain JSON data, whole. @throws SessionGroupsError `result_lost` where it cannot be read any more. */
  readonly output: unknown;
  /** Absolute paths; absent where what is kept beside them is all that there is. */
  readonly resultFile?: string;
  readonly outputFile?: string;
  readonly changedFiles?: readonly string[];
  /** Of more files it is known that they changed, and not which. */
  readonly moreChangedFiles?: number;
}

type KeptFields = Pick<
  Extract<GroupEventBody, { readonly type: 'session_completed' }>,
  'result' | 'resultFile' | 'output' | 'outputFile' | 'changedFiles' | 'moreChangedFiles'
>;

const RESULT_FILE = 'result.md';
const OUTPUT_FILE = 'output.json';

/**
 * Keeps a text or an output that is too long for a prompt and for the journal in a file of the session's folder, 0600.
 * Where there is no folder they stay in memory, whole; where one cannot be written, a text is cut and an output left.
 * @param warn is told of what could not be written.
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
  return {
    result: cutText(result, resultFile),
    output,
    ...(resultFile === undefined ? {} : { resultFile }),
    ...(outputFile === undefined ? {} : { outputFile }),
  };
}

/** What the event of a completed session says of it: bounded, but for an output that no file could take. */
export function eventOfResult(kept: StoredResult): KeptFields {
  const { result, resultFile, outputFile, changedFiles, moreChangedFiles } = kept;
  const output = outputFile === undefined ? kept.output : undefined;
  return {
    result: cutText(result),
    ...(resultFile === undefined ? {} : { resultFile }),
    ...(output === undefined ? {} : { output }),
    ...(outputFile === undefined ? {} : { outputFile }),
    ...(changedFiles === undefined ? {} : { changedFiles: [...changedFiles] }),
    ...(moreChangedFiles === undefined ? {} : { moreChangedFiles }),
  };
}

/** What that event says was left. */
export function resultIn(event: KeptFields): StoredResult {
  const { result, resultFile, output, outputFile, changedFiles, moreChangedFiles } = event;
  return {
    result,
    output,
    ...(resultFile === undefined ? {} : { resultFile }),
    ...(outputFile === undefined ? {} : { outputFile }),
    ...(changedFiles === undefined ? {} : { changedFiles }),
    ...(moreChangedFiles === undefined ? {} : { moreChangedFiles }),
  };
}

/** The same as its journal has it. An output in a file is read when it is asked for. */
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
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SessionGroupsError('result_lost', `the output of a session cannot be read: ${reason}`, {
      cause,
      hint: `restore ${path}, or retry the session`,
    });
  }
}
