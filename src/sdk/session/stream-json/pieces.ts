import { parseJson } from '../../json.ts';

/** A part of a line of output: a message, which is a JSON object with a type, or other text. */
export type Piece =
  | {
      readonly type: string;
      readonly subtype: string | undefined;
      readonly json: unknown;
      readonly text: string;
    }
  | { readonly type?: undefined; readonly text: string };

/**
 * Splits a line into its messages and the text around them. Usually it is one message; but other programs may print on
 * the same line, without a newline before or after it, and a message that was cut off may be followed by another.
 *
 * Invariants: the pieces together are the line, except for NUL characters and white space around messages. A message is
 * never part of another one, complete or cut off: what an agent writes into its own messages doesn't count as output of
 * its program. The cost is linear.
 */
export function piecesOf(line: string): readonly Piece[] {
  const whole = message(line);
  if (whole) return [whole];
  const text = line.replaceAll('\0', '');
  const pieces: Piece[] = [];
  let shown = 0;
  let isAfterText: boolean | undefined;
  const addText = (end: number): void => {
    const between = text.slice(shown, end);
    if (between.trim() !== '') pieces.push({ text: between });
  };
  for (let start = text.indexOf('{'); start !== -1; ) {
    const { end, complete, next } = scanObject(text, start);
    isAfterText ??= text.slice(shown, start).trim() !== '';
    // After text that may be the rest of a damaged message, what goes on like a part of it is one.
    const isPart = complete && isAfterText && /^\s*[,\]}]/.test(text.slice(end));
    const found = complete && !isPart ? message(text.slice(start, end)) : undefined;
    if (found) {
      addText(start);
      pieces.push(found);
      shown = end;
    }
    isAfterText = found ? undefined : true;
    start = text.indexOf('{', next);
  }
  addText(text.length);
  return pieces;
}

/** Whether a line that has no newline yet ends with a whole message: nothing but its newline can be missing. */
export const endsWithMessage = (line: string): boolean => piecesOf(line).at(-1)?.type !== undefined;

function message(text: string): Piece | undefined {
  const json = parseJson(text);
  if (typeof json !== 'object' || json === null || Array.isArray(json) || !('type' in json)) return undefined;
  const { type } = json;
  if (typeof type !== 'string') return undefined;
  const subtype = 'subtype' in json ? json.subtype : undefined;
  return { type, subtype: typeof subtype === 'string' ? subtype : undefined, json, text };
}

interface Scan {
  readonly complete: boolean;
  /** Where the object ends, or else where the text stops being the beginning of one. */
  readonly end: number;
  /** Where the next object may begin. */
  readonly next: number;
}

function scanObject(text: string, start: number): Scan {
  /** The closing brackets to come. */
  const open: string[] = [];
  let expected: 'value' | 'key' | 'colon' | 'after' = 'value';
  let mayClose = false;
  let quote = start;
  for (let at = start; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (isSpace(char)) continue;
    if (char === '"' && (expected === 'value' || expected === 'key')) {
      quote = at;
      at = endOfString(text, at);
      expected = expected === 'key' ? 'colon' : 'after';
      mayClose = expected === 'after';
    } else if ((char === '{' || char === '[') && expected === 'value') {
      open.push(char === '{' ? '}' : ']');
      expected = char === '{' ? 'key' : 'value';
      mayClose = true;
    } else if (char === open.at(-1) && mayClose) {
      open.pop();
      if (open.length === 0) return { complete: true, end: at + 1, next: at + 1 };
      expected = 'after';
    } else if (char === ':' && expected === 'colon') {
      expected = 'value';
    } else if (char === ',' && expected === 'after') {
      expected = open.at(-1) === '}' ? 'key' : 'value';
      mayClose = false;
    } else if (isLiteral(char) && expected === 'value') {
      while (isLiteral(text.charAt(at + 1))) at += 1;
      expected = 'after';
      mayClose = true;
    } else return { complete: false, end: at, next: begunInString(text, quote, at) };
  }
  return { complete: false, end: text.length, next: text.length };
}

/**
 * If the first message was cut off inside a string, the first quote of the next one, the one after its brace, seems to
 * end that string, and the grammar breaks at the name after it.
 */
function begunInString(text: string, quote: number, broken: number): number {
  const brace = text.lastIndexOf('{', broken);
  const isInString = brace > quote && /^\{\s*"\s*$/.test(text.slice(brace, broken));
  return isInString ? brace : broken;
}

const isSpace = (char: string): boolean => char === ' ' || char === '\t' || char === '\r' || char === '\n';
const isLiteral = (char: string): boolean => /^[-+.0-9A-Za-z]$/.test(char);

/** The position of the closing quote, or the text's length. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === 0x22) return at;
    if (char === 0x5c) at += 1;
  }
  return text.length;
}
