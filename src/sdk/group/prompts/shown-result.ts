import { cutText } from '../document/cut-text.ts';

/**
 * How another session's value appears in a prompt: long values are truncated, with a note, and `changedFiles` has one
 * line per file. Every other list is JSON, as elsewhere.
 */
export function shownResult(
  [field, ...inner]: readonly (string | number)[],
  value: unknown,
  text: string,
  { moreChangedFiles = 0, resultFile, outputFile, limit }: ResultDetails,
): string {
  if (field === 'changedFiles' && inner.length === 0 && Array.isArray(value))
    return cutText(lines(value, moreChangedFiles), undefined, limit);
  if (field === 'result') return cutText(text, resultFile, limit);
  return cutText(text, field === 'output' ? outputFile : undefined, limit);
}

/** More information about a session's results. */
export interface ResultDetails {
  /** How many changed files there are besides the named ones. Default: 0. */
  readonly moreChangedFiles?: number | undefined;
  /** Files with the full values of what is too long for a prompt. Default: none. */
  readonly resultFile?: string | undefined;
  readonly outputFile?: string | undefined;
  /** How much of a value goes into a prompt, in bytes. Default: LONGEST_RESULT_BYTES. */
  readonly limit?: number | undefined;
}

function lines(files: readonly unknown[], more: number): string {
  const named = files.map(file => oneLine(String(file)));
  return [...named, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n');
}

/** A name that contains line breaks or looks quoted is written as JSON. */
const oneLine = (name: string): string =>
  /[\p{Cc}\u2028\u2029]|^"/u.test(name) ? JSON.stringify(name) : name;
