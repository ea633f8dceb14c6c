/** Enough for a line of a table. */
const LONGEST = 160;

/** The first line of a text that has words in it, without the marks of a heading; cut at 160 characters. */
export function firstLine(text: string): string {
  const line =
    text
      .slice(0, 10 * LONGEST)
      .trimStart()
      .split('\n', 1)[0] ?? '';
  const words = line
    .replace(/^#{1,6}\s+/, '')
    .replace(/\s+/g, ' ')
    .trim();
  return words.length <= LONGEST ? words : `${words.slice(0, LONGEST - 1)}…`;
}
