/**
 * A text file with its lines, to convert offsets to places. Lines end with LF or CRLF, as in YAML; places are 1-based,
 * in UTF-16 code units.
 */
export interface SourceText {
  /** As the user named it; absent for text that isn't from a file. */
  readonly file?: string;
  readonly text: string;
  /** Offset of the first character of every line. */
  readonly lineStarts: readonly number[];
  /** Parts that are never displayed, such as a password in a definition. */
  readonly secrets?: readonly { readonly start: number; readonly end: number }[];
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

export function createSourceText(text: string, file?: string): SourceText {
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  return { text, lineStarts, ...(file === undefined ? {} : { file }) };
}

/** The place of an offset; one past the end yields the end. */
export function placeOf(source: SourceText, offset: number): Place {
  const bounded = Math.max(0, Math.min(offset, source.text.length));
  let low = 0;
  let high = source.lineStarts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((source.lineStarts[middle] ?? 0) <= bounded) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: bounded - (source.lineStarts[low] ?? 0) + 1 };
}

/** `lineOf` for display: secrets are masked character by character. */
export function shownLineOf(source: SourceText, line: number): string | undefined {
  const start = source.lineStarts[line - 1] ?? 0;
  let text = lineOf(source, line);
  for (const secret of source.secrets ?? []) {
    if (text === undefined || secret.end <= start || secret.start >= start + text.length) continue;
    const from = Math.max(0, secret.start - start);
    const to = Math.min(text.length, secret.end - start);
    text = `${text.slice(0, from)}${'•'.repeat(to - from)}${text.slice(to)}`;
  }
  return text;
}

/** A line without its line break; undefined if there is no such line. */
export function lineOf(source: SourceText, line: number): string | undefined {
  const start = source.lineStarts[line - 1];
  if (start === undefined) return undefined;
  const end = (source.lineStarts[line] ?? source.text.length + 1) - 1;
  return source.text.slice(start, end > start && source.text[end - 1] === '\r' ? end - 1 : end);
}
