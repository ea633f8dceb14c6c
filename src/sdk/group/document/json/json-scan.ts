/** Steps through a text that `JSON.parse` accepts, one character at a time and without recursion. */

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_LIST = 0x5b;
export const CLOSE_LIST = 0x5d;
export const OPEN_MAP = 0x7b;
export const CLOSE_MAP = 0x7d;
const BACKSLASH = 0x5c;

/** The offset after the string that begins at `at`. */
export function endOfString(text: string, at: number): number {
  let end = at + 1;
  for (let code = text.charCodeAt(end); code !== QUOTE; code = text.charCodeAt(end)) {
    end += code === BACKSLASH ? 2 : 1;
  }
  return end + 1;
}

/** The offset after the value that begins at `at`. */
export function endOfValue(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === QUOTE) return endOfString(text, at);
  let end = at;
  if (first !== OPEN_LIST && first !== OPEN_MAP) {
    while (end < text.length && !endsLiteral(text.charCodeAt(end))) end += 1;
    return end;
  }
  let depth = 0;
  do {
    const code = text.charCodeAt(end);
    if (code === OPEN_LIST || code === OPEN_MAP) depth += 1;
    else if (code === CLOSE_LIST || code === CLOSE_MAP) depth -= 1;
    end = code === QUOTE ? endOfString(text, end) : end + 1;
  } while (depth > 0);
  return end;
}

const endsLiteral = (code: number): boolean =>
  code === COMMA || code === CLOSE_LIST || code === CLOSE_MAP || isSpace(code);

/** The offset of the first character from `at` on that isn't white space. */
export function afterSpace(text: string, at: number): number {
  let next = at;
  while (isSpace(text.charCodeAt(next))) next += 1;
  return next;
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** The key whose quotes begin at `from` and end before `to`. */
export function keyText(text: string, from: number, to: number): string {
  const written = text.slice(from + 1, to - 1);
  return written.includes('\\') ? String(JSON.parse(text.slice(from, to))) : written;
}
