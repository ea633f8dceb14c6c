/**
 * Runs of words in the lists of a YAML text, such as the ids of a long `dependsOn`. The YAML parser takes some
 * microseconds and hundreds of bytes for each word; so a text is condensed first: a single filler word stands for each
 * run, and all offsets stay the same. Invariant: the runs are only a guess (a prompt may look like a list), and whether
 * the parser took each filler for an item of a list is for the caller to check.
 */
export interface Condensed {
  readonly text: string;
  /** By the offset where the run and its filler begin. */
  readonly runs: ReadonlyMap<number, Run>;
}

export interface Run {
  readonly start: number;
  readonly end: number;
  /** The filler stands for the first word; the rest are spaces, which the parser passes over faster than over a word. */
  readonly fillerEnd: number;
  /** Whether the words are a run only within brackets. */
  readonly flow: boolean;
}

/** A character for private use, which no definition needs. */
export const FILLER = '\ue000';

/** Undefined if it isn't worth it, or can't be done. */
export function condense(text: string): Condensed | undefined {
  // A directive may change what words mean.
  if (text.length < SHORTEST_TEXT || text.includes(FILLER) || /^%/m.test(text)) return undefined;
  const runs = new Map<number, Run>();
  const parts: string[] = [];
  let done = 0;
  for (const { index, 0: found, groups = {} } of text.matchAll(RUN)) {
    if (KEYWORD.test(found)) continue;
    const { first } = groups;
    const flow = first === undefined;
    const start = flow ? index : index + found.indexOf(first);
    const end = index + found.length;
    const fillerEnd = start + (first?.length ?? found.indexOf(','));
    const filler = FILLER.repeat(fillerEnd - start);
    parts.push(text.slice(done, start), filler, spacesFor(text.slice(fillerEnd, end)));
    runs.set(start, { start, end, fillerEnd, flow });
    done = end;
  }
  if (runs.size === 0) return undefined;
  return { text: [...parts, text.slice(done)].join(''), runs };
}

const spacesFor = (lines: string): string => lines.replace(/[^\r\n]+/g, line => ' '.repeat(line.length));

const SHORTEST_TEXT = 64 * 1024;
/** What is text for certain: it begins with a letter, or is in quotes. */
const WORD = '(?:[A-Za-z][\\w.-]{0,63}|"[\\w.-]{1,64}"|\'[\\w.-]{1,64}\')';
/** At least eight: `a, b, …` on one line, or `- a`, `- b`, … one below the other. */
const RUN = new RegExp(
  [
    `(?<=[\\[, ])(?:${WORD}, ?){7,}${WORD}(?=[\\], \\r\\n]|$)`,
    `^(?<indent> *)- (?<first>${WORD})(?:\\r?\\n\\k<indent>- ${WORD}){7,}(?=\\r?\\n|$)(?!\\r?\\n\\k<indent> )`,
  ].join('|'),
  'gm',
);
const KEYWORD = /(?<![\w.'"-])(?:true|false|null)(?![\w.'"-])/i;

/** A word of a run, with its quotes from `start` to `end`. */
export interface Word {
  readonly start: number;
  readonly end: number;
  readonly value: string;
}

/** The words that a run consists of. */
export function wordsOf(text: string, run: Run): Word[] {
  const words: Word[] = [];
  const word = new RegExp(WORD, 'g');
  word.lastIndex = run.start;
  for (let found = word.exec(text); found !== null && found.index < run.end; found = word.exec(text)) {
    words.push({ start: found.index, end: word.lastIndex, value: unquoted(found[0]) });
  }
  return words;
}

const unquoted = (written: string): string => (/^['"]/.test(written) ? written.slice(1, -1) : written);

/** Only their values: a function, by which the same word is one string in all runs of the text. */
export function wordReader(text: string): (run: Run) => readonly string[] {
  const words = new RegExp(WORD, 'g');
  const known = new Map<string, string>();
  const read = (written: string): string => {
    const before = known.get(written);
    if (before !== undefined) return before;
    const value = unquoted(written);
    known.set(written, value);
    return value;
  };
  return ({ start, end }) => (text.slice(start, end).match(words) ?? []).map(read);
}
