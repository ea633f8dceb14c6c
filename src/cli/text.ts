export { cleanBlock, cleanLine } from '../sdk/clean-text.ts';
export { shellWord } from '../sdk/format.ts';

/** A JSON line with control characters escaped, so that it is safe on a terminal; parses to the same value. */
export function jsonLine(value: unknown): string {
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${JSON.stringify(value).replace(/\p{Cc}|\p{Bidi_Control}|[\u2028\u2029]/gu, escaped)}\n`;
}
