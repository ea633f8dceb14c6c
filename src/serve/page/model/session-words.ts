import { isSettled } from '../../../../machines/vocabulary.ts';
import { formatDay, formatElapsed, formatTime, formatUsd } from '../../../sdk/format.ts';
import { SESSION_MARKS, standsStill } from '../../../words/marks.ts';
import { currentToolWords } from '../../../words/transcript.ts';
import { waitWords } from '../../../words/wait-words.ts';
import type { ShownSession } from './shown-session.ts';

/** A session's detail besides its status: wait reason, current tool or error. */
export function detailWords(session: ShownSession, now: number): string {
  if (session.why !== undefined) return waitWords(session.why, now);
  if (session.status === 'failed' && session.error) return session.error.code.replaceAll('_', ' ');
  if (session.status === 'skipped') return (session.skipReason ?? '').replaceAll('_', ' ');
  if (session.status === 'running') return currentToolWords(session);
  return '';
}

/** The wait reason; otherwise the status with its detail. */
export function stateWords(session: ShownSession, now: number): string {
  const { word } = SESSION_MARKS[session.status];
  const detail = detailWords(session, now);
  if (session.why !== undefined) return detail;
  return detail === '' ? word : `${word}: ${detail}`;
}

/** `$0.42`, `~$0.42` while it is an estimate; empty if nothing was spent. */
export function costWords({ costUsd, estimated }: ShownSession): string {
  return costUsd === 0 && !estimated ? '' : formatUsd(costUsd, estimated);
}

/** Time from the first attempt until it settled or until now; `age`: milliseconds since the last update. */
export function timeWords(session: ShownSession, age: number): string {
  if (session.durationMs === undefined) return '';
  return formatElapsed(session.durationMs + (goesOn(session) ? age : 0));
}

const goesOn = (session: ShownSession): boolean => !standsStill(session.status) && !isSettled(session.status);

/** `began 2026-01-31 14:05:09`; empty if it has not begun. */
export const startWords = ({ startedAt }: ShownSession): string =>
  startedAt === undefined ? '' : `began ${formatDay(startedAt)} ${formatTime(startedAt)}`;

/** Whether its text changes as time passes. */
export const ticks = (session: ShownSession): boolean =>
  (session.why !== undefined && 'until' in session.why) ||
  (session.durationMs !== undefined && goesOn(session));
