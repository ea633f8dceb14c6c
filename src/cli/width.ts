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

/**
 * The text in lines of at most `width` terminal columns, broken at spaces. A word that is wider, such as a path, stays whole:
 * it can be copied.
 */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of text.split(' ')) {
    const longer: string = line === undefined ? word : `${line} ${word}`;
    if (line === undefined || stringWidth(longer) <= width) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line ?? ''];
}

/** The width of the widest; at least one is given. */
export const widest = (texts: readonly string[]): number => Math.max(...texts.map(text => stringWidth(text)));

/** The beginning of a table's row, already painted, with its width. */
export interface RowHead {
  readonly text: string;
  readonly width: number;
}

const LEAST_ROOM = 28;
const BELOW = 4;

/**
 * A row whose last cell is prose: this is continued below itself where the line would be too long, or stands below the row if
 * there is hardly any room beside that. Neither is broken within a word.
 * @param columns where lines end. Default: nowhere.
 */
export function proseRow(head: RowHead, prose: string, columns = Number.POSITIVE_INFINITY): string[] {
  if (prose === '') return [head.text.trimEnd()];
  if (head.width + stringWidth(prose) <= columns) return [head.text + prose];
  const isBeside = columns - head.width >= LEAST_ROOM;
  const indent = isBeside ? head.width : Math.min(BELOW, head.width);
  const [first = '', ...rest] = wrapWords(prose, columns - indent);
  const [row, below] = isBeside ? [head.text + first, rest] : [head.text.trimEnd(), [first, ...rest]];
  return [...(row === '' ? [] : [row]), ...below.map(line => ' '.repeat(indent) + line)];
}
