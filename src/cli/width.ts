import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter();

/** How many characters may share a column on average: emoji and marks are several. */
const CHARACTERS_PER_COLUMN = 20;

/**
 * Cuts the text to `width` terminal columns; cut text ends with the ellipsis. Looks only at the beginning, where what can
 * be shown is.
 */
export function cutToWidth(whole: string, width: number, ellipsis: string): string {
  if (width <= 0) return '';
  const text = whole.slice(0, (width + 1) * CHARACTERS_PER_COLUMN);
  if (text.length === whole.length && stringWidth(text) <= width) return text;
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

/** Cuts or pads the text to exactly `width` terminal columns; with `align` `right`, pads on the left. */
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

/** The text in lines of at most `width` terminal columns, broken anywhere. */
export function wrapToWidth(text: string, width: number): string[] {
  if (stringWidth(text) <= width) return [text];
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const next = stringWidth(segment);
    if (used + next > width && line !== '') {
      lines.push(line);
      line = '';
      used = 0;
    }
    line += segment;
    used += next;
  }
  return [...lines, line];
}
