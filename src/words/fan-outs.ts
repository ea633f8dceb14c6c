import { phaseOf, type SessionStatus } from '../../machines/vocabulary.ts';
import type { Verb } from './verbs.ts';

/** Sessions of one fan-out, shown together: a session with `forEach`, and what it has become. */

interface Member {
  readonly status: SessionStatus;
  readonly forEach?: { readonly of: string; readonly value: string };
}

/** A session by itself, or all of a fan-out, which are shown as one row that unfolds. */
export type Row<T> =
  | { readonly kind: 'session'; readonly session: T }
  | { readonly kind: 'fan-out'; readonly name: string; readonly sessions: readonly T[] };

/** Each fan-out is a row where its first session stands. A fan-out of a single session is that session. */
export function foldedRows<T extends Member>(sessions: readonly T[]): Row<T>[] {
  const members = new Map<string, T[]>();
  for (const session of sessions) {
    const of = session.forEach?.of;
    if (of === undefined) continue;
    const known = members.get(of);
    if (known) known.push(session);
    else members.set(of, [session]);
  }
  return sessions.flatMap((session): Row<T>[] => {
    const name = session.forEach?.of ?? '';
    const all = members.get(name);
    if (all === undefined || all.length < 2) return [{ kind: 'session', session }];
    return all[0] === session ? [{ kind: 'fan-out', name, sessions: all }] : [];
  });
}

/** `9 of 12, 2 failed, 1 running`: how many are completed, and of the others those that have done or do something. */
export function fanOutWords(sessions: readonly Member[]): string {
  const counts = new Map<string, number>();
  for (const { status } of sessions) {
    const phase = phaseOf(status);
    counts.set(phase, (counts.get(phase) ?? 0) + 1);
  }
  const others = NAMED.flatMap(([phase, word]) => {
    const count = counts.get(phase) ?? 0;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return [`${counts.get('completed') ?? 0} of ${sessions.length}`, ...others].join(', ');
}

/** In the order in which people have to know. */
const NAMED = [
  ['failed', 'failed'],
  ['asking', 'waiting for approval'],
  ['stopped', 'stopped'],
  ['skipped', 'skipped'],
  ['paused', 'paused'],
  ['waiting', 'waiting'],
  ['working', 'running'],
] as const;

/** What a fan-out as a whole is like: that of its sessions which people have to know of first. */
export function fanOutStatus(sessions: readonly Member[]): SessionStatus {
  const order = [...NAMED.map(([phase]) => phase), 'pending', 'completed'];
  const at = ({ status }: Member) => order.indexOf(phaseOf(status));
  return [...sessions].sort((a, b) => at(a) - at(b))[0]?.status ?? 'pending';
}

/** These verbs on a session take the name of a fan-out for all of its sessions. */
export const OF_FAN_OUTS: ReadonlySet<Verb> = new Set<Verb>(['session_pause', 'session_resume']);
