import { cutText } from '../document/cut-text.ts';

/**
 * How a value that another session left stands in a prompt: what is too long is cut, with a note, and `changedFiles`
 * has a line for each file. Every other list is JSON, as elsewhere.
 */
export function shownResult(
  [field, ...inner]: readonly (string | number)[],
  value: unknown,
  text: string,
  { moreChangedFiles = 0, resultFile, outputFile }: ShownFrom,
): string {
  if (field === 'changedFiles' && inner.length === 0 && Array.isArray(value))
    return cutText(lines(value, moreChangedFiles));
  if (field === 'result') return cutText(text, resultFile);
  return cutText(text, field === 'output' ? outputFile : undefined);
}

/** What is known of a session's results beside themselves. */
export interface ShownFrom {
  /** How many changed files there are besides those that are named. Default: 0. */
  readonly moreChangedFiles?: number | undefined;
  /** Where the whole is of what is too long for a prompt. Default: nowhere. */
  readonly resultFile?: string | undefined;
  readonly outputFile?: string | undefined;
}

function lines(files: readonly unknown[], more: number): string {
  const named = files.map(file => oneLine(String(file)));
  return [...named, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n');
}

/** A name that would break out of its line, or that looks quoted, is written as JSON. */
const oneLine = (name: string): string =>
  /[\p{Cc}\u2028\u2029]|^"/u.test(name) ? JSON.stringify(name) : name;
