/**
 * Reads the Markdown that agents write, as far as it helps to read it. Its texts are untrusted.
 *
 * MARKDOWN-1 it yields plain data: markup in the text stays text, and an image is a link.
 * MARKDOWN-2 a link leads to an http or https address without a name or password; any other stays text, and so does one in a link's
 *    words.
 * MARKDOWN-3 the time that it takes grows with the text's length, whatever is in it.
 */

export type Inline =
  | string
  | { readonly kind: 'strong' | 'em' | 'del'; readonly inside: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'link'; readonly href: string; readonly inside: readonly Inline[] };

export type Block =
  | { readonly kind: 'paragraph'; readonly inside: readonly Inline[] }
  | { readonly kind: 'heading'; readonly level: number; readonly inside: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'quote'; readonly inside: readonly Block[] }
  | { readonly kind: 'list'; readonly start?: number; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: 'table'; readonly rows: readonly (readonly (readonly Inline[])[])[] }
  | { readonly kind: 'rule' };

/** Blocks in blocks, and marks in marks; what is nested deeper stays text. */
const DEEPEST = 6;

const FENCE = /^ {0,3}(`{3,}|~{3,})[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})[ \t]+/;
const RULE = /^ {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])( {1,4}|\t)/;
const TABLE_LINE = /^[ \t|:-]+$/;

export const markdown = (text: string): readonly Block[] => blocksOf(text.split('\n'), 0);

function blocksOf(lines: readonly string[], depth: number): Block[] {
  if (depth > DEEPEST) return [{ kind: 'paragraph', inside: [lines.join('\n')] }];
  const blocks: Block[] = [];
  let at = 0;
  const take = (holds: (line: string) => boolean): string[] => {
    const from = at;
    while (at < lines.length && holds(lines[at] ?? '')) at += 1;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at] ?? '';
    const fence = FENCE.exec(line)?.[1];
    const heading = HEADING.exec(line);
    if (line.trim() === '') at += 1;
    else if (fence !== undefined) {
      at += 1;
      const end = (one: string) => one.trim().startsWith(fence) && !/[^`~]/.test(one.trim());
      blocks.push({ kind: 'code', text: take(one => !end(one)).join('\n') });
      at += 1;
    } else if (heading) {
      at += 1;
      const words = line.slice(heading[0].length).trim().replace(/ #+$/, '');
      blocks.push({ kind: 'heading', level: heading[1]?.length ?? 1, inside: inlinesOf(words) });
    } else if (RULE.test(line)) {
      at += 1;
      blocks.push({ kind: 'rule' });
    } else if (QUOTE.test(line)) {
      const quoted = take(one => QUOTE.test(one)).map(one => one.replace(QUOTE, ''));
      blocks.push({ kind: 'quote', inside: blocksOf(quoted, depth + 1) });
    } else if (ITEM.test(line)) blocks.push(listOf(take, line, depth));
    else if (line.includes('|') && isTable(lines[at + 1])) {
      const [head = '', , ...rows] = take(one => one.includes('|'));
      blocks.push({ kind: 'table', rows: [head, ...rows].map(cellsOf) });
    } else {
      const first = at;
      const words = take(one => at === first || !(one.trim() === '' || begins(one)));
      blocks.push({ kind: 'paragraph', inside: inlinesOf(words.map(one => one.trim()).join('\n')) });
    }
  }
  return blocks;
}

const begins = (line: string): boolean =>
  [FENCE, HEADING, RULE, QUOTE, ITEM].some(pattern => pattern.test(line));

const isTable = (line = ''): boolean =>
  ['|', '-'].every(sign => line.includes(sign)) && TABLE_LINE.test(line);

const cellsOf = (line: string): (readonly Inline[])[] =>
  line
    .trim()
    .replace(/^\|/, '')
    .replace(/\|$/, '')
    .split('|')
    .map(cell => inlinesOf(cell.trim()));

/** Items of one kind; lines that are indented, or follow without a blank one, belong to the item before them. */
function listOf(take: (holds: (line: string) => boolean) => string[], first: string, depth: number): Block {
  const indent = indentOf(first);
  const isItem = (line: string) => ITEM.test(line) && !RULE.test(line) && indentOf(line) < indent + 2;
  const isOrdered = (line: string) => /\d/.test(ITEM.exec(line)?.[2] ?? '');
  const ordered = isOrdered(first);
  let blank = false;
  const lines = take(line => {
    if (line.trim() === '') {
      blank = true;
      return true;
    }
    const belongs = isItem(line)
      ? isOrdered(line) === ordered
      : indentOf(line) >= indent + 2 || (!blank && !begins(line));
    blank = false;
    return belongs;
  });
  const items: string[][] = [];
  let inner = 0;
  for (const line of lines) {
    const begin = isItem(line) ? (ITEM.exec(line)?.[0] ?? '') : undefined;
    if (begin === undefined) items.at(-1)?.push(line.slice(Math.min(indentOf(line), inner)));
    else {
      inner = begin.length;
      items.push([line.slice(inner)]);
    }
  }
  const inside = items.map(item => blocksOf(item, depth + 1));
  const start = Number.parseInt(ITEM.exec(first)?.[2] ?? '', 10);
  return { kind: 'list', items: inside, ...(ordered ? { start } : {}) };
}

const indentOf = (line: string): number => line.length - line.trimStart().length;

const SPECIAL = /[\\`*_~[!<h]/g;
const MARKS = [
  ['**', 'strong'],
  ['__', 'strong'],
  ['~~', 'del'],
  ['*', 'em'],
  ['_', 'em'],
] as const;

/**
 * @param depth of the marks around it.
 * @param isInLink these are the words of a link, in which there is no other.
 */
export function inlinesOf(text: string, depth = 0, isInLink = false): readonly Inline[] {
  const found: Inline[] = [];
  /** Marks whose end was looked for in vain: there is none further on. */
  const open = new Set<string>();
  let plain = 0;
  let at = 0;
  const put = (piece: Inline, end: number) => {
    if (at > plain) found.push(text.slice(plain, at));
    found.push(piece);
    plain = at = end;
  };
  const endOf = (mark: string, from: number): number => {
    if (open.has(mark)) return -1;
    const end = closing(text, mark, from);
    if (end === -1) open.add(mark);
    return end;
  };
  while (at < text.length) {
    SPECIAL.lastIndex = at;
    const next = SPECIAL.exec(text);
    if (!next || depth > DEEPEST) break;
    at = next.index;
    const sign = next[0];
    const escaped = text[at + 1] ?? '';
    if (sign === '\\' && /[!-/:-@[-`{-~]/.test(escaped)) put(escaped, at + 2);
    else if (sign === '`') {
      const ticks = runOf(text, at);
      const end = open.has(ticks) ? -1 : codeEnd(text, ticks, at + ticks.length);
      if (end === -1) {
        open.add(ticks);
        at += ticks.length;
      } else put({ kind: 'code', text: text.slice(at + ticks.length, end).trim() }, end + ticks.length);
    } else if (sign === '[' || sign === '!' || sign === '<' || sign === 'h') {
      const link = isInLink ? undefined : linkAt(text, at, depth);
      if (link) put(link.piece, link.end);
      else at += 1;
    } else {
      const [mark, kind] = MARKS.find(([one]) => text.startsWith(one, at)) ?? [];
      const from = at + (mark?.length ?? 1);
      const opens = mark !== undefined && /\S/.test(text[from] ?? '') && !joined(mark, text[at - 1]);
      const end = opens ? endOf(mark, from) : -1;
      if (kind === undefined || mark === undefined || end === -1) at = from;
      else put({ kind, inside: inlinesOf(text.slice(from, end), depth + 1, isInLink) }, end + mark.length);
    }
  }
  if (plain < text.length) found.push(text.slice(plain));
  return found;
}

/** The next run of exactly these ticks. */
function codeEnd(text: string, ticks: string, from: number): number {
  for (let at = text.indexOf('`', from); at !== -1; ) {
    const run = runOf(text, at);
    if (run === ticks) return at;
    at = text.indexOf('`', at + run.length);
  }
  return -1;
}

const runOf = (text: string, at: number): string => {
  let end = at;
  while (text[end] === '`') end += 1;
  return text.slice(at, end);
};

/** `_` in a word is part of it. */
const joined = (mark: string, beside = ''): boolean => mark.startsWith('_') && /[\p{L}\p{N}_]/u.test(beside);

function closing(text: string, mark: string, from: number): number {
  for (let at = text.indexOf(mark, from + 1); at !== -1; at = text.indexOf(mark, at + mark.length)) {
    // Of `***`, the last two end what two have begun.
    if (mark.length === 2) while (text[at + 2] === mark[0]) at += 1;
    const isLonger = mark.length === 1 && (text[at + 1] === mark || text[at - 1] === mark);
    if (!isLonger && /\S/.test(text[at - 1] ?? '') && !joined(mark, text[at + mark.length])) return at;
  }
  return -1;
}

const LONGEST_LABEL = 1_000;
const ADDRESS = /https?:\/\/[^\s<>"'`|\\^{}]{1,2000}/iy;

/** `[words](address)`, `![words](address)`, `<address>`, or an address by itself. */
function linkAt(text: string, at: number, depth: number): { piece: Inline; end: number } | undefined {
  const sign = text[at];
  if (sign === 'h' || sign === '<') {
    if (sign === 'h' && /\w/.test(text[at - 1] ?? '')) return undefined;
    ADDRESS.lastIndex = sign === '<' ? at + 1 : at;
    const [found = ''] = ADDRESS.exec(text) ?? [];
    const address = sign === '<' ? found : found.replace(/[.,:;!?)\]*_~]{1,9}$/, '');
    const href = webAddress(address);
    if (href === undefined) return undefined;
    const end = ADDRESS.lastIndex - (found.length - address.length);
    if (sign === '<' && text[end] !== '>') return undefined;
    return { piece: { kind: 'link', href, inside: [address] }, end: sign === '<' ? end + 1 : end };
  }
  const from = sign === '!' ? at + 2 : at + 1;
  if (text[from - 1] !== '[') return undefined;
  const ahead = text.slice(from, from + LONGEST_LABEL);
  const middle = ahead.indexOf('](');
  if (middle === -1) return undefined;
  const start = from + middle + 2;
  const length = text.slice(start, start + 2_000).search(/[)\s]/);
  const end = start + length;
  const href = length > 0 && text[end] === ')' ? webAddress(text.slice(start, end)) : undefined;
  if (href === undefined) return undefined;
  const words = ahead.slice(0, middle);
  return { piece: { kind: 'link', href, inside: inlinesOf(words || href, depth + 1, true) }, end: end + 1 };
}

/** The address as a browser reads it; undefined if it is none that may be followed. */
function webAddress(text: string): string | undefined {
  if (!/^https?:/i.test(text) || !URL.canParse(text)) return undefined;
  const { href, username, password } = new URL(text);
  return username === '' && password === '' ? href : undefined;
}
