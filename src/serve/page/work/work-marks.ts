import { type Mark, SESSION_MARKS } from '../../../words/marks.ts';
import type { SessionDelivery } from '../../delivery-types.ts';
import type { ShownSession } from '../model/shown-session.ts';

/**
 * What became of a session's work: its set-up, its checks and its merge, each by shape and word.
 * @param status whether its status comes first, unless it has completed: for where it is shown nowhere else. Default: no.
 */
export function workMarks(
  { checks, conflict, isMerged, isReleased, integrate }: SessionDelivery,
  session: Pick<ShownSession, 'error' | 'status'> | undefined,
  { status = false }: { readonly status?: boolean } = {},
): readonly Mark[] {
  const isSetUp = session?.error?.code !== 'setup_failed';
  return [
    ...(status && session && session.status !== 'completed' ? [SESSION_MARKS[session.status]] : []),
    isSetUp
      ? { icon: 'check', tone: 'ok', word: isReleased ? 'tree removed' : 'set up' }
      : { icon: 'cross', tone: 'bad', word: 'set-up failed' },
    ...(checks === undefined ? [] : [CHECKS[checks]]),
    conflict
      ? { icon: 'bang', tone: 'bad', word: 'conflict' }
      : isMerged
        ? { icon: 'check', tone: 'ok', word: 'merged' }
        : GOES[integrate],
  ];
}

const CHECKS: Readonly<Record<NonNullable<SessionDelivery['checks']>, Mark>> = {
  running: { icon: 'target', tone: 'run', word: 'checking' },
  green: { icon: 'check', tone: 'ok', word: 'checks passed' },
  red: { icon: 'cross', tone: 'bad', word: 'checks failed' },
};

const GOES: Readonly<Record<SessionDelivery['integrate'], Mark>> = {
  none: { icon: 'dash', tone: 'idle', word: 'not merged' },
  branch: { icon: 'dash', tone: 'idle', word: 'on its branch' },
  merge: { icon: 'circle', tone: 'idle', word: 'not merged yet' },
  pr: { icon: 'circle', tone: 'idle', word: 'for a pull request' },
};
