import stringWidth from 'string-width';

export { cleanBlock, cleanLine } from '../sdk/clean-text.ts';

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
