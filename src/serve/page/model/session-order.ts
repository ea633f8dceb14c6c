import { URGENCY } from '../../../words/marks.ts';
import type { ShownSession } from './shown-session.ts';

export type SortKey = 'id' | 'status' | 'project' | 'cost' | 'tokens' | 'time' | 'attempts';

export interface Order {
  /** Absent: definition order. */
  readonly key?: SortKey;
  readonly descending: boolean;
}

/** Sorts the sessions; equal ones stay in definition order. */
export function inOrder(sessions: Iterable<ShownSession>, { key, descending }: Order): ShownSession[] {
  const all = [...sessions];
  if (key === undefined) return all;
  const value = VALUES[key];
  const sign = descending ? -1 : 1;
  return all.sort((a, b) => sign * compare(value(a), value(b)));
}

/** Whether a changed session may have to move because of its column. */
export const mayMove = ({ key }: Order): boolean => key !== undefined && key !== 'id' && key !== 'project';

const VALUES: Readonly<Record<SortKey, (session: ShownSession) => string | number>> = {
  id: ({ id }) => id,
  status: ({ status }) => URGENCY[status],
  project: ({ projectPath }) => projectPath,
  cost: ({ costUsd }) => costUsd,
  tokens: ({ tokens: { input, output, cacheRead, cacheWrite } }) => input + output + cacheRead + cacheWrite,
  time: ({ durationMs }) => durationMs ?? -1,
  attempts: ({ attempts }) => attempts,
};

const collator = new Intl.Collator(undefined, { numeric: true });

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
}
