import type { Found, Path, Span } from '../document-source.ts';
import {
  afterSpace,
  CLOSE_LIST,
  CLOSE_MAP,
  COMMA,
  endOfString,
  endOfValue,
  keyText,
  OPEN_LIST,
  OPEN_MAP,
  QUOTE,
} from './json-scan.ts';

/**
 * Where the parts of a JSON text are. Invariant: nothing is read before it is asked for, and each map and list on the
 * way to a part is read once: a valid text costs nothing, and any number of problems costs a few passes over the text.
 */
export function jsonPlaces(text: string): (path: Path) => Found {
  const known = new Map<number, Parts>();
  const partsAt = (at: number): Parts => {
    const parts = known.get(at) ?? partsOf(text, at);
    known.set(at, parts);
    return parts;
  };
  return path => {
    let key: number | undefined;
    let value = afterSpace(text, 0);
    let exact = true;
    for (const segment of path) {
      const parts = partsAt(value);
      const next = parts instanceof Map ? parts.get(String(segment)) : parts[Number(segment)];
      if (next === undefined) {
        exact = false;
        break;
      }
      [key, value] = typeof next === 'number' ? [undefined, next] : [next.key, next.value];
    }
    return {
      key: key === undefined ? undefined : { start: key, end: endOfString(text, key) },
      value: { start: value, end: endOfValue(text, value) },
      exact,
      scalar: scalarAt(text, value),
    };
  };
}

/** The offsets of what a list or a map consists of; other values have no parts. */
type Parts = readonly number[] | Map<string, { readonly key: number; readonly value: number }>;

function partsOf(text: string, start: number): Parts {
  const first = text.charCodeAt(start);
  const items: number[] = [];
  const entries = new Map<string, { key: number; value: number }>();
  if (first !== OPEN_LIST && first !== OPEN_MAP) return items;
  let at = afterSpace(text, start + 1);
  for (
    let code = text.charCodeAt(at);
    code !== CLOSE_LIST && code !== CLOSE_MAP;
    code = text.charCodeAt(at)
  ) {
    if (first === OPEN_MAP) {
      const key = at;
      const keyEnd = endOfString(text, key);
      at = afterSpace(text, afterSpace(text, keyEnd) + 1);
      entries.set(keyText(text, key, keyEnd), { key, value: at });
    } else items.push(at);
    at = afterSpace(text, endOfValue(text, at));
    if (text.charCodeAt(at) === COMMA) at = afterSpace(text, at + 1);
  }
  return first === OPEN_MAP ? entries : items;
}

function scalarAt(text: string, at: number): Found['scalar'] {
  if (text.charCodeAt(at) !== QUOTE) return undefined;
  const span: Span = { start: at, end: endOfString(text, at) };
  return { style: 'quoted', value: keyText(text, span.start, span.end) };
}
