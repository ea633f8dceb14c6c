import { isAlias, isMap, isNode, isScalar, isSeq, type Pair, Scalar, type YAMLSeq } from 'yaml';
import type { Found, Path, Span } from '../document-source.ts';
import type { Word } from './long-lists.ts';
import type { ParsedYaml } from './parse-yaml.ts';

/** Where the parts of a YAML text are. Invariant: the items of a list are looked up once. */
export function yamlPlaces(
  parsed: Pick<ParsedYaml, 'document' | 'itemsOf' | 'endOf'>,
): (path: Path) => Found {
  const { document, itemsOf, endOf } = parsed;
  const known = new Map<YAMLSeq, readonly unknown[]>();
  const itemAt = (list: YAMLSeq, index: number): Part | undefined => {
    const items = known.get(list) ?? itemsOf(list);
    known.set(list, items);
    return items[index] === undefined ? undefined : { key: undefined, value: items[index] };
  };
  return path => {
    let found: Part = { key: undefined, value: document.contents };
    let exact = true;
    for (const segment of path) {
      const parent = isAlias(found.value) ? found.value.resolve(document) : found.value;
      const part = isSeq(parent) ? itemAt(parent, Number(segment)) : entryAt(parent, String(segment));
      exact = part !== undefined;
      if (part === undefined) break;
      found = part;
    }
    const { key, value } = found;
    return { key: spanOf(key, endOf), value: spanOf(value, endOf), exact, scalar: textOf(value) };
  };
}

/** Nodes, and words without one. */
interface Part {
  readonly key: unknown;
  readonly value: unknown;
}

const entryAt = (map: unknown, key: string): Part | undefined =>
  isMap(map) ? map.items.find(pair => keyText(pair) === key) : undefined;

function keyText(pair: Pair): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value) : undefined;
}

function spanOf(part: unknown, endOf: ParsedYaml['endOf']): Span | undefined {
  if (isWord(part)) return { start: part.start, end: part.end };
  if (!isNode(part)) return undefined;
  const { range } = part;
  return range == null || range[0] === range[1] ? undefined : { start: range[0], end: endOf(range[1]) };
}

const isWord = (part: unknown): part is Word => typeof part === 'object' && part !== null && 'start' in part;

function textOf(part: unknown): Found['scalar'] {
  if (isWord(part)) {
    const { start, end, value } = part;
    return { style: value.length === end - start ? 'plain' : 'quoted', value };
  }
  if (!isScalar(part) || typeof part.value !== 'string') return undefined;
  return { style: STYLES.get(part.type ?? '') ?? 'quoted', value: part.value };
}

const STYLES: ReadonlyMap<string, 'plain' | 'block'> = new Map([
  [Scalar.PLAIN, 'plain'],
  [Scalar.BLOCK_LITERAL, 'block'],
]);
