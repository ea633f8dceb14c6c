import { CTRL_C, CTRL_Z, keysIn } from './keys.ts';

/** Asks a terminal to mark what is pasted (bracketed paste), and to leave it. Not every terminal does it. */
export const MARK_PASTES = '\u001B[?2004h';
export const LEAVE_PASTES = '\u001B[?2004l';

const ESCAPE = '\u001B';
const BEGIN = `${ESCAPE}[200~`;
const END = `${ESCAPE}[201~`;

/**
 * Reads what a terminal sends, piece by piece, as keys (`keysIn`). Of what is marked as pasted, and of what arrives at once with it,
 * only Ctrl-C and Ctrl-Z count, wherever paste and marks are cut into pieces.
 */
export function keyReader(): (text: string) => string[] {
  let isPasting = false;
  /** The end of the last piece, which may be the beginning of a mark. */
  let begun = '';
  return text => {
    const all = begun + text;
    // An escape by itself has already counted as a key.
    const from = begun === ESCAPE ? 1 : 0;
    let isPasted = isPasting;
    let at = 0;
    const mark = () => (isPasting ? END : BEGIN);
    for (let next = all.indexOf(mark()); next !== -1; next = all.indexOf(mark(), at)) {
      at = next + mark().length;
      isPasting = !isPasting;
      isPasted = true;
    }
    begun = beginningAtEnd(all.slice(at), mark());
    if (isPasted) return [...text].filter(key => key === CTRL_C || key === CTRL_Z);
    return keysIn(all.slice(from, begun === ESCAPE ? undefined : all.length - begun.length));
  };
}

/** The longest end of the text with which the mark begins. */
function beginningAtEnd(text: string, mark: string): string {
  let length = Math.min(text.length, mark.length - 1);
  while (!text.endsWith(mark.slice(0, length))) length -= 1;
  return mark.slice(0, length);
}
