import stringWidth from 'string-width';
import type { SessionProgress } from '../../sdk/group/progress/progress.ts';

/** The widths of a row's columns; 0 hides a column. */
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
const MAX_ID = 28;

/**
 * Distributes the terminal's width. Sign and id always stay; as it gets narrower, the tokens go first, then the
 * attempts, the elapsed time and the status word. The cost goes last, because it is what people stop a group for.
 * @param isFree nothing in it costs money, so there is no such column.
 */
export function layoutFor(columns: number, sessions: readonly SessionProgress[], isFree = false): Layout {
  const longest = sessions.reduce((most, session) => Math.max(most, stringWidth(session.id)), 2);
  const id = Math.max(4, Math.min(longest, MAX_ID, Math.floor(columns / 4)));
  const hasRetries = sessions.some(session => session.attempts > 1);
  const fixed = {
    word: columns >= 60 ? 12 : 0,
    id,
    cost: columns >= 40 && !isFree ? 8 : 0,
    tokens: columns >= 90 ? 7 : 0,
    elapsed: columns >= 66 ? 7 : 0,
    attempts: hasRetries && columns >= 76 ? 3 : 0,
  };
  const used = Object.values(fixed).reduce((sum, width) => sum + (width > 0 ? width + GAP : 0), SIGN);
  return { ...fixed, detail: Math.max(0, columns - used - GAP) };
}
