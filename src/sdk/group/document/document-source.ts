import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, Scalar } from 'yaml';
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

type Path = readonly (string | number)[];
export interface Span {
  readonly start: number;
  readonly end: number;
}

export function createDocumentSource(source: SourceText, document: Document): DocumentSource {
  const find = (path: Path) => walk(document, path);
  return {
    ...source,
    span(path, what) {
      const { key, value } = find(path);
      const node = what === 'key' ? (key ?? value) : value;
      const span = rangeOf(node) ?? rangeOf(key) ?? rangeOf(value) ?? { start: 0, end: 0 };
      return what === 'whole' ? span : trimmed(source, span);
    },
    inText(path, place) {
      const { value, exact } = find(path);
      return exact && isScalar(value) ? inScalar(source, value, place) : undefined;
    },
  };
}

interface Found {
  readonly key: Node | undefined;
  readonly value: Node | undefined;
  /** False: the path isn't in the document; this is its nearest ancestor. */
  readonly exact: boolean;
}

function walk(document: Document, path: Path): Found {
  let found: Found = { key: undefined, value: asNode(document.contents), exact: true };
  for (const segment of path) {
    const parent = isAlias(found.value) ? found.value.resolve(document) : found.value;
    if (isSeq(parent)) {
      const item = asNode(parent.items[Number(segment)]);
      if (item === undefined) return { ...found, exact: false };
      found = { key: undefined, value: item, exact: true };
    } else if (isMap(parent)) {
      const pair = parent.items.find(candidate => keyText(candidate) === String(segment));
      if (pair === undefined) return { ...found, exact: false };
      found = { key: asNode(pair.key), value: asNode(pair.value), exact: true };
    } else {
      return { ...found, exact: false };
    }
  }
  return found;
}

function keyText(pair: Pair): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value) : undefined;
}

function asNode(value: unknown): Node | undefined {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value) ? value : undefined;
}

function rangeOf(node: Node | undefined): Span | undefined {
  const range = node?.range;
  return range == null || range[0] === range[1] ? undefined : { start: range[0], end: range[1] };
}

/** Limited to the first line: a map's span would otherwise underline all of it. */
function trimmed(source: SourceText, span: Span): Span {
  const { line } = placeOf(source, span.start);
  const lineEnd = (source.lineStarts[line - 1] ?? 0) + (lineOf(source, line) ?? '').length;
  return { start: span.start, end: Math.max(span.start + 1, Math.min(span.end, lineEnd)) };
}

function inScalar(source: SourceText, node: Scalar, place: Place): Place | undefined {
  const { range } = node;
  if (range == null || typeof node.value !== 'string') return undefined;
  const start = placeOf(source, range[0]);
  if (node.type === Scalar.BLOCK_LITERAL) {
    const line = start.line + place.line;
    const written = lineOf(source, line) ?? '';
    const meant = node.value.split('\n')[place.line - 1]?.replace(/\r$/, '') ?? '';
    return written.endsWith(meant)
      ? { line, column: written.length - meant.length + place.column }
      : undefined;
  }
  const quotes = node.type === Scalar.PLAIN ? 0 : 1;
  const written = source.text.slice(range[0] + quotes, range[1] - quotes);
  if (written !== node.value || place.line !== 1) return undefined;
  return { line: start.line, column: start.column + quotes + place.column - 1 };
}
