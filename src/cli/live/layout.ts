import stringWidth from 'string-width';
import type { SessionProgress } from '../../sdk/group/progress/progress.ts';

/** The widths of a row's columns; 0 leaves one out. Between columns stand two spaces. */
export interface Layout {
  readonly word: number;
  readonly id: number;
  readonly detail: number;
  readonly cost: number;
  readonly tokens: number;
  readonly elapsed: number;
  readonly attempts: number;
}

const GAP = 2;
const SIGN = 1;
const WIDEST_ID = 28;

/**
 * Shares the terminal's width out. The sign and the id stay always; as it gets narrower the tokens go
 * first, then the number of attempts, the elapsed time, the status word, and the cost last, because money
 * is what a person stops a group for.
 */
export function layoutFor(columns: number, sessions: readonly SessionProgress[]): Layout {
  const longest = sessions.reduce((most, session) => Math.max(most, stringWidth(session.id)), 2);
  const id = Math.max(4, Math.min(longest, WIDEST_ID, Math.floor(columns / 4)));
  const again = sessions.some(session => session.attempts > 1);
  const fixed = {
    word: columns >= 60 ? 12 : 0,
    id,
    cost: columns >= 40 ? 8 : 0,
    tokens: columns >= 90 ? 7 : 0,
    elapsed: columns >= 66 ? 7 : 0,
    attempts: again && columns >= 76 ? 3 : 0,
  };
  const used = Object.values(fixed).reduce((sum, width) => sum + (width > 0 ? width + GAP : 0), SIGN);
  return { ...fixed, detail: Math.max(0, columns - used - GAP) };
}
