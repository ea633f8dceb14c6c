import stringWidth from 'string-width';
import { type Place, type SourceText, shownLineOf } from './source-text.ts';
import { visible } from './visible.ts';

/**
 * The line of a problem and its neighbours, with a caret below the place. Invariant: every row is short and contains no
 * control characters, and the caret is below its column in a monospaced font, even with wide characters.
 */
export function codeFrame(source: SourceText, place: Place, length = 1): string {
  const numbers = [place.line - 1, place.line, place.line + 1];
  const digits = String(place.line + 1).length;
  const from = place.column > WIDTH - MARGIN ? place.column - MARGIN : 1;
  const rows: string[] = [];
  for (const number of numbers) {
    const line = shownLineOf(source, number);
    if (line === undefined || (number !== place.line && line.trim() === '')) continue;
    const here = number === place.line;
    rows.push(`${here ? '>' : ' '} ${String(number).padStart(digits)} | ${cut(line, from)}`.trimEnd());
    if (here) rows.push(`  ${' '.repeat(digits)} | ${caret(line, place.column, from, length)}`);
  }
  return rows.join('\n');
}

const WIDTH = 100;
const MARGIN = 40;
const TAB = '    ';

/** The visible part of the line: `WIDTH` characters from column `from`, with an ellipsis where it was cut. */
function cut(line: string, from: number): string {
  const end = from - 1 + WIDTH;
  return `${from > 1 ? '…' : ''}${printable(line.slice(from - 1, end))}${line.length > end ? '…' : ''}`;
}

function caret(line: string, column: number, from: number, length: number): string {
  const before = `${from > 1 ? '…' : ''}${printable(line.slice(from - 1, column - 1))}`;
  const end = Math.min(column - 1 + Math.max(1, length), from - 1 + WIDTH);
  const under = widthOf(printable(line.slice(column - 1, end)));
  return `${' '.repeat(widthOf(before))}${'^'.repeat(Math.max(1, under))}`;
}

/** Of plain characters, each has a column of its own. */
const widthOf = (text: string): number => (PLAIN.test(text) ? text.length : stringWidth(text));
const PLAIN = /^…?[ -~]*$/;

function printable(text: string): string {
  return visible(text).replaceAll('\t', TAB);
}
