import { visible } from '../../../words/visible.ts';

/**
 * Reads a unified diff of git for display. Its texts are untrusted.
 *
 * DIFF-1 only the header of a file names files: a line of content always begins with its sign, so none is taken for one.
 * DIFF-2 what is shown has no control character and no override of direction (VISIBLE-1).
 */

/** One file's part of a diff; its lines are read when it is opened. */
export interface DiffFile {
  /** Path from the top of the tree; of a deleted file, the one that it had. Raw. */
  readonly path: string;
  /** The earlier path of a renamed file. Raw. */
  readonly before?: string;
  readonly text: string;
}

export interface Hunk {
  /** `@@ -1,3 +1,4 @@ function x()`. */
  readonly head: string;
  readonly lines: readonly DiffLine[];
}

export interface DiffLine {
  /** `\`: a remark of git's, or what was left out. */
  readonly sign: ' ' | '+' | '-' | '\\';
  /** Line numbers before and after; absent where it is not there. */
  readonly old?: number;
  readonly now?: number;
  /** Without the sign; what is hidden in it is shown as a name. */
  readonly text: string;
}

export function diffFiles(text: string): DiffFile[] {
  const starts: number[] = [];
  for (let at = text.startsWith(START) ? 0 : -2; at !== -1; ) {
    if (at >= 0) starts.push(at);
    const next = text.indexOf(`\n${START}`, Math.max(0, at));
    at = next === -1 ? -1 : next + 1;
  }
  return starts.map((start, index) => fileOf(text.slice(start, starts[index + 1])));
}

const START = 'diff --git ';

function fileOf(text: string): DiffFile {
  const { path, before } = namesOf(text.split('\n', MOST_HEADERS));
  return { path, text, ...(before === undefined || before === path ? {} : { before }) };
}

const MOST_HEADERS = 12;

function namesOf(lines: readonly string[]): { readonly path: string; readonly before: string | undefined } {
  const names: Partial<Record<string, string>> = {};
  for (const line of lines.slice(1)) {
    if (line.startsWith('@@ ')) break;
    const [, word = '', name = ''] = /^(--- |\+\+\+ |rename from |rename to )(.*)$/s.exec(line) ?? [];
    names[word] = unquoted(name.replace(/\t$/, ''));
  }
  const [from, to] = [names['rename from '], names['rename to ']];
  if (to !== undefined) return { path: to, before: from };
  const [old, now] = [names['--- '], names['+++ ']].map(name =>
    name === undefined || name === '/dev/null' ? undefined : name.slice(2),
  );
  return { path: now ?? old ?? nameInFirst(lines[0] ?? ''), before: undefined };
}

/** `diff --git a/NAME b/NAME` of a file without lines: both names are the same. */
function nameInFirst(line: string): string {
  const both = line.slice(START.length);
  return unquoted(both.slice((both.length + 1) / 2)).slice(2);
}

/** As git quotes names in C's manner, bytes in octal. */
function unquoted(name: string): string {
  if (!name.startsWith('"')) return name;
  const bytes: number[] = [];
  for (const [part, octal, letter] of name.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|[^\\]+/gs)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else bytes.push(...new TextEncoder().encode(letter === undefined ? part : (ESCAPES[letter] ?? letter)));
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}

const ESCAPES: Readonly<Partial<Record<string, string>>> = {
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
};

/** A name in one line. */
export const shownName = (name: string): string =>
  visible(name).replaceAll('\n', '<U+000A>').replaceAll('\t', '<U+0009>');

/** What a file's part says besides its lines: modes, a new or deleted file, binary contents. */
export function diffNotes({ text }: DiffFile): string[] {
  const end = text.indexOf('\n@@ ');
  const header = end === -1 ? text : text.slice(0, end);
  return header
    .split('\n')
    .slice(1)
    .filter(line =>
      /^(old mode|new mode|new file|deleted file|similarity|Binary|\[session-groups\])/.test(line),
    )
    .map(visible);
}

export function hunksOf({ text }: DiffFile): Hunk[] {
  const hunks: { head: string; lines: DiffLine[] }[] = [];
  const start = text.indexOf('\n@@ ');
  let [old, now] = [0, 0];
  for (const line of start === -1
    ? []
    : text
        .slice(start + 1)
        .replace(/\n$/, '')
        .split('\n')) {
    const found = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(line);
    if (found) {
      [old, now] = [Number(found[1]), Number(found[2])];
      hunks.push({ head: visible(line), lines: [] });
      continue;
    }
    const lines = hunks.at(-1)?.lines;
    const words = visible(line.slice(1));
    if (line.startsWith('+')) lines?.push({ sign: '+', now: now++, text: words });
    else if (line.startsWith('-')) lines?.push({ sign: '-', old: old++, text: words });
    else if (line.startsWith(' ')) lines?.push({ sign: ' ', old: old++, now: now++, text: words });
    else lines?.push({ sign: '\\', text: visible(line.replace(/^\\ /, '')) });
  }
  return hunks;
}
