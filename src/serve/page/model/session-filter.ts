import { phaseOf } from '../../../../machines/vocabulary.ts';
import { standsStill } from '../../../words/marks.ts';
import type { ShownSession } from './shown-session.ts';

/** The counters of a group, in display order. */
export const COUNT_KEYS = [
  ...(['completed', 'running', 'waiting', 'paused'] as const),
  ...(['failed', 'stopped', 'skipped', 'pending'] as const),
] as const;
export type CountKey = (typeof COUNT_KEYS)[number];

/** Which sessions to show: those that match both. */
export interface SessionFilter {
  /** In the id, project, result or error; in any case of letters. Empty: any. */
  readonly text: string;
  /** Counters whose sessions are shown; empty: all. */
  readonly counts: readonly CountKey[];
}

export const NO_FILTER: SessionFilter = { text: '', counts: [] };

export const isFiltered = ({ text, counts }: SessionFilter): boolean => text !== '' || counts.length > 0;

/** The counter that a session is in. */
export function countOf(status: ShownSession['status']): CountKey {
  if (standsStill(status)) return 'running';
  const phase = phaseOf(status);
  return phase === 'working' ? 'running' : phase === 'asking' ? 'waiting' : phase;
}

export function countsOf(sessions: Iterable<ShownSession>): Readonly<Record<CountKey, number>> {
  const counts = Object.fromEntries(COUNT_KEYS.map(key => [key, 0])) as Record<CountKey, number>;
  for (const { status } of sessions) counts[countOf(status)] += 1;
  return counts;
}

/** @param result the first line of its result. */
export function matches(session: ShownSession, { text, counts }: SessionFilter, result = ''): boolean {
  if (counts.length > 0 && !counts.includes(countOf(session.status))) return false;
  if (text === '') return true;
  const { id, projectPath, error, forEach } = session;
  const all = [id, projectPath, result, error?.code ?? '', error?.message ?? '', forEach?.value ?? ''];
  return all.join('\n').toLowerCase().includes(text.toLowerCase());
}

/** As the address has it. */
export const filterQuery = ({ text, counts }: SessionFilter): Readonly<Record<string, string>> => ({
  text,
  status: counts.join(','),
});

export function readFilter(query: Readonly<Record<string, string>>): SessionFilter {
  const wanted = (query.status ?? '').split(',');
  return { text: query.text ?? '', counts: COUNT_KEYS.filter(key => wanted.includes(key)) };
}
