import { cleanBlock } from '../text.ts';

/** What of a tool's output stands in a transcript: all of a short one, else its beginning and its end. */
const LINES = { beginning: 7, end: 4 };
const LONGEST_LINE = 300;
/** Enough for the lines above; the rest of the text is not looked at more closely. */
const LONGEST_PART = 16_000;

/** In lines without control characters; none of an output that says nothing. */
export function outputLines(output: string): string[] {
  const text = output.trimEnd();
  const lines =
    text.length <= 2 * LONGEST_PART
      ? linesOf(text)
      : [...linesOf(text.slice(0, LONGEST_PART)), '…', ...linesOf(text.slice(-LONGEST_PART))];
  if (lines.length <= LINES.beginning + LINES.end + 1) return lines;
  const left = countLines(text) - LINES.beginning - LINES.end;
  return [...lines.slice(0, LINES.beginning), `… ${left} lines left out …`, ...lines.slice(-LINES.end)];
}

const linesOf = (text: string): string[] =>
  text === ''
    ? []
    : cleanBlock(text)
        .split('\n')
        .map(line => (line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE)}…`));

function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
