import type { AttemptOutcome, AttemptSpan } from '../../../words/attempts.ts';
import { SESSION_MARKS, type Tone } from '../../../words/marks.ts';
import type { ProgressUpdate } from '../../api-types.ts';
import type { ShownSession } from './shown-session.ts';

/** A stretch of time, in epoch milliseconds. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * The stretches in which an attempt went on, in order, and at least one: it stands still while its group's process is
 * suspended.
 * @param now the end of an attempt that goes on.
 */
export function stretchesOf(
  { startedAt, endedAt }: Pick<AttemptSpan, 'startedAt' | 'endedAt'>,
  suspensions: ProgressUpdate['suspensions'],
  now: number,
): readonly Stretch[] {
  const end = endedAt === undefined ? now : Date.parse(endedAt);
  const past: Stretch[] = [];
  let from = Date.parse(startedAt);
  for (const suspension of suspensions ?? []) {
    const stopped = Date.parse(suspension.from);
    const continued = suspension.to === undefined ? end : Date.parse(suspension.to);
    if (stopped >= end || continued <= from) continue;
    if (stopped > from) past.push({ from, to: stopped });
    from = Math.min(continued, end);
  }
  return past.length > 0 && from === end ? past : [...past, { from, to: end }];
}

export const lengthOf = (stretches: readonly Stretch[]): number =>
  stretches.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0);

const OUTCOME_TONES: Readonly<Record<AttemptOutcome, Tone>> = {
  completed: 'ok',
  failed: 'bad',
  paused: 'hold',
  retrying: 'wait',
  limited: 'wait',
  stopped: 'bad',
  lost: 'bad',
};

/** How an attempt ended, or what it is while it has not: it stands still with its session. */
export function endOf(
  { outcome }: Pick<AttemptSpan, 'outcome'>,
  status: ShownSession['status'] = 'running',
): { readonly word: string; readonly tone: Tone } {
  if (outcome !== undefined) return { word: outcome, tone: OUTCOME_TONES[outcome] };
  return status === 'suspended' ? SESSION_MARKS.suspended : { word: 'running', tone: 'run' };
}
