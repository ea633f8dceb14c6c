import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

/**
 * Text from agents and files is data: before it reaches a terminal, escape sequences, other control
 * characters and direction overrides are taken out, so that it can neither move the cursor nor lie about
 * its order.
 */

const DIRECTION_MARKS = /\p{Bidi_Control}/gu;
const CONTROLS_BUT_LAYOUT = /(?![\n\t])\p{Cc}/gu;

/** Cleaned; line breaks and tabs stay. */
export function cleanBlock(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(CONTROLS_BUT_LAYOUT, '')
    .replace(DIRECTION_MARKS, '');
}

/** Cleaned, on one line, without runs of space. */
export function cleanLine(text: string): string {
  return cleanBlock(text).replace(/\s+/g, ' ').trim();
}

/** One line of JSON with nothing raw in it that a terminal could obey; it parses to the same value. */
export function jsonLine(value: unknown): string {
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${JSON.stringify(value).replace(/\p{Cc}|\p{Bidi_Control}|[\u2028\u2029]/gu, escaped)}\n`;
}

const graphemes = new Intl.Segmenter();

/** At most `width` terminal columns; what is cut ends in the ellipsis. */
export function cutToWidth(text: string, width: number, ellipsis: string): string {
  if (width <= 0) return '';
  if (stringWidth(text) <= width) return text;
  const room = width - stringWidth(ellipsis);
  if (room <= 0) return ellipsis.slice(0, width);
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const next = stringWidth(segment);
    if (used + next > room) break;
    kept += segment;
    used += next;
  }
  return kept + ellipsis;
}

/** Exactly `width` columns: cut or filled with spaces, on the left of the text when `align` is `right`. */
export function fitToWidth(
  text: string,
  width: number,
  ellipsis: string,
  align: 'left' | 'right' = 'left',
): string {
  const cut = cutToWidth(text, width, ellipsis);
  const fill = ' '.repeat(Math.max(0, width - stringWidth(cut)));
  return align === 'left' ? cut + fill : fill + cut;
}
