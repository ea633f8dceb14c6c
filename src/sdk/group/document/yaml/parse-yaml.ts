import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isSeq,
  parseDocument,
  Scalar,
  visit,
  YAMLSeq,
} from 'yaml';
import { condense, FILLER, type Run, wordReader, wordsOf } from './long-lists.ts';

/** A YAML text as the parser reads it. */
export interface ParsedYaml {
  readonly document: Document.Parsed;
  /** Aliases of anchors that don't come before them. */
  readonly unknownAliases: readonly Alias[];
  /** The items of a list: nodes, and words that have none. */
  itemsOf(list: YAMLSeq): readonly unknown[];
  /** Where what ends at an offset of the condensed text does so in the text. */
  endOf(offset: number): number;
}

/**
 * Parses a YAML text. Invariant: the result is that of the parser; but long lists of words take little time and memory,
 * unless there is a problem with the text.
 */
export function parseYaml(text: string, options: { readonly merge: boolean }): ParsedYaml {
  const all = { ...options, prettyErrors: false, logLevel: 'error' } as const;
  const condensed = condense(text);
  const expanded = condensed && expand(parseDocument(condensed.text, all), text, condensed.runs);
  if (expanded !== undefined) return expanded;
  const document = parseDocument(text, all);
  return {
    document,
    unknownAliases: unknownAliases(document),
    itemsOf: list => list.items,
    endOf: offset => offset,
  };
}

/** Undefined unless each filler is an item of a list. */
function expand(
  document: Document.Parsed,
  text: string,
  runs: ReadonlyMap<number, Run>,
): ParsedYaml | undefined {
  if (document.errors.length > 0 || document.warnings.length > 0) return undefined;
  const { lists, taken } = listsIn(document, runs);
  if (taken < runs.size) return undefined;
  const valuesIn = wordReader(text);
  for (const list of lists) list.toJSON = valuesOf(list, valuesIn, runs);
  const ends = new Map<number, number>();
  for (const { fillerEnd, end, flow } of runs.values()) {
    ends.set(fillerEnd, end);
    if (!flow) ends.set(afterBreak(text, fillerEnd), afterBreak(text, end)); // where a block list ends
  }
  return {
    document,
    unknownAliases: unknownAliases(document),
    endOf: offset => ends.get(offset) ?? offset,
    itemsOf(list) {
      if (!lists.has(list)) return list.items;
      return list.items.flatMap<unknown>(item => {
        const run = runOf(item, runs);
        return run === undefined ? [item] : wordsOf(text, run);
      });
    },
  };
}

const afterBreak = (text: string, at: number): number =>
  text.startsWith('\r\n', at) ? at + 2 : text[at] === '\n' ? at + 1 : at;

/** The lists with fillers among their items, and how many fillers those are. */
function listsIn(document: Document.Parsed, runs: ReadonlyMap<number, Run>) {
  const lists = new Set<YAMLSeq>();
  let taken = 0;
  visit(document, {
    // The parser prints a list that is a key.
    Pair: (_, { key }) => (isCollection(key) ? visit.BREAK : undefined),
    Scalar(_, scalar, path) {
      const run = runOf(scalar, runs);
      const list = path.at(-1);
      if (run === undefined || !isSeq(list) || list.tag !== undefined) return;
      if ((list.flow ?? false) !== run.flow) return;
      lists.add(list);
      taken += 1;
    },
  });
  return { lists, taken };
}

/** As the parser's lists do it, with the words in place of their fillers. */
function valuesOf(
  list: YAMLSeq,
  valuesIn: ReturnType<typeof wordReader>,
  runs: ReadonlyMap<number, Run>,
): YAMLSeq['toJSON'] {
  return (key, context) => {
    const values = YAMLSeq.prototype.toJSON.call(list, key, context);
    values.splice(0).forEach((value, index) => {
      const run = runOf(list.items[index], runs);
      if (run === undefined) values.push(value);
      else for (const word of valuesIn(run)) values.push(word);
    });
    return values;
  };
}

/** The run that a node is the filler of. */
function runOf(node: unknown, runs: ReadonlyMap<number, Run>): Run | undefined {
  if (!(node instanceof Scalar) || typeof node.value !== 'string' || !node.value.startsWith(FILLER))
    return undefined;
  const [start = -1, end = -1] = node.range ?? [];
  const run = runs.get(start);
  const isAlone = node.type === Scalar.PLAIN && node.tag === undefined && node.anchor === undefined;
  return isAlone && run?.fillerEnd === end && node.value.length === end - start ? run : undefined;
}

/** Aliases without their anchor before them. */
function unknownAliases(document: Document.Parsed): readonly Alias[] {
  const anchors = new Set<string | undefined>();
  const unknown: Alias[] = [];
  visit(document, {
    Node(_, node) {
      if (!isAlias(node)) anchors.add(node.anchor);
      else if (!anchors.has(node.source)) unknown.push(node);
    },
  });
  return unknown;
}
