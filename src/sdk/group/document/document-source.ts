import { lineOf, type Place, placeOf, type SourceText } from './source-text.ts';

/**
 * The positions of the parts of a YAML or JSON document. Invariant: every path has a span; a path that isn't in the
 * document gets the span of its nearest existing ancestor, so a missing key points at the map that lacks it.
 */
export interface DocumentSource extends SourceText {
  /** Key and value are limited to their first line; `whole` is the entire value. */
  span(path: Path, what: 'key' | 'value' | 'whole'): Span;
  /** Maps a place in the text at `path` to the file, if one line of text is one line of the file. */
  inText(path: Path, place: Place): Place | undefined;
}

export type Path = readonly (string | number)[];
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What a path leads to, or its nearest existing ancestor. */
export interface Found {
  readonly key: Span | undefined;
  readonly value: Span | undefined;
  /** False: the path isn't in the document; this is its nearest ancestor. */
  readonly exact: boolean;
  /** If the value is text: how it is written, and what it says. */
  readonly scalar: { readonly style: 'plain' | 'quoted' | 'block'; readonly value: string } | undefined;
}

/** @param find where the text has what a path leads to. */
export function createDocumentSource(source: SourceText, find: (path: Path) => Found): DocumentSource {
  return {
    ...source,
    span(path, what) {
      const { key, value } = find(path);
      const span = (what === 'key' ? key : undefined) ?? value ?? key ?? { start: 0, end: 0 };
      return what === 'whole' ? span : trimmed(source, span);
    },
    inText(path, place) {
      const found = find(path);
      return found.exact ? inScalar(source, found, place) : undefined;
    },
  };
}

/** Limited to the first line: a map's span would otherwise underline all of it. */
function trimmed(source: SourceText, span: Span): Span {
  const { line } = placeOf(source, span.start);
  const lineEnd = (source.lineStarts[line - 1] ?? 0) + (lineOf(source, line) ?? '').length;
  return { start: span.start, end: Math.max(span.start + 1, Math.min(span.end, lineEnd)) };
}

function inScalar(source: SourceText, { value: span, scalar }: Found, place: Place): Place | undefined {
  if (span === undefined || scalar === undefined) return undefined;
  const start = placeOf(source, span.start);
  if (scalar.style === 'block') {
    const line = start.line + place.line;
    const written = lineOf(source, line) ?? '';
    const meant = scalar.value.split('\n')[place.line - 1]?.replace(/\r$/, '') ?? '';
    return written.endsWith(meant)
      ? { line, column: written.length - meant.length + place.column }
      : undefined;
  }
  const quotes = scalar.style === 'plain' ? 0 : 1;
  const written = source.text.slice(span.start + quotes, span.end - quotes);
  if (written !== scalar.value || place.line !== 1) return undefined;
  return { line: start.line, column: start.column + quotes + place.column - 1 };
}
