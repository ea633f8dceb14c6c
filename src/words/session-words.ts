import { counted } from '../sdk/format.ts';
import { errorWords } from './error-words.ts';
import { listOf } from './wait-words.ts';

/** Of a session whose conversation a person went on with. */
export const openedWords = (times: number): string =>
  `opened by hand ${times === 1 ? 'once' : counted(times, 'time')}, which is not in its cost`;

/** A session behind a skip, and how it ended. */
interface Root {
  readonly sessionId: string;
  readonly status: string;
  readonly error?: { readonly code: string; readonly message: string };
}

interface Skip {
  readonly roots: readonly Root[];
  /** How many more there are. Default: none. */
  readonly moreRoots?: number;
  /** The skipped sessions between. */
  readonly through: readonly string[];
}

/**
 * `because a failed (max_turns: …) and b was stopped, by way of c`: the first three of the sessions behind a skip. Empty if
 * there are none. Raw: not sanitized.
 */
export function skipWords({ roots, moreRoots = 0, through }: Skip): string {
  if (roots.length === 0) return '';
  const shown = roots
    .slice(0, 3)
    .map(
      ({ sessionId, status, error }) =>
        `${sessionId} ${HOW[status] ?? status}${error ? ` (${errorWords(error)})` : ''}`,
    );
  const more = roots.length - shown.length + moreRoots;
  const chain = through.length === 0 ? '' : `, by way of ${listOf(through)}`;
  return `because ${[...shown, ...(more > 0 ? [`${more} more`] : [])].join(' and ')}${chain}`;
}

const HOW: Readonly<Record<string, string>> = {
  failed: 'failed',
  stopped: 'was stopped',
  completed: 'was completed',
};
