import { phaseOf, type SessionStatus } from '../../machines/vocabulary.ts';
import { type StandsStill, standsStill } from './marks.ts';
import type { Verb } from './verbs.ts';

/** Sessions of one fan-out, shown together: a session with `forEach`, and what it has become. */

/** As a session is shown. */
type Status = SessionStatus | StandsStill;

interface Member {
  readonly status: Status;
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

/** `9 of 12 done, 2 failed, 1 running`: how many are completed, and of the others those that have done or do something. */
export function fanOutWords(sessions: readonly Member[]): string {
  const counts = new Map<string, number>();
  for (const session of sessions) counts.set(doingOf(session), (counts.get(doingOf(session)) ?? 0) + 1);
  const others = ORDER.flatMap(([doing, word]) => {
    const count = counts.get(doing) ?? 0;
    return count === 0 || word === undefined ? [] : [`${count} ${word}`];
  });
  return [`${counts.get('completed') ?? 0} of ${sessions.length} done`, ...others].join(', ');
}

/**
 * What a fan-out does as a whole: that of its sessions which needs a person, or has failed; else of the one that does most,
 * so that it is paused, or has been stopped, only once nothing of it goes on.
 */
export const fanOutStatus = <S extends Status>(sessions: readonly { readonly status: S }[]): S | 'pending' =>
  [...sessions].sort((a, b) => rankOf(a) - rankOf(b))[0]?.status ?? 'pending';

const doingOf = ({ status }: { readonly status: Status }) => (standsStill(status) ? status : phaseOf(status));
const rankOf = (session: { readonly status: Status }): number =>
  ORDER.findIndex(([doing]) => doing === doingOf(session));

/** What people have to know comes first. The words are those that counts have, besides those of completed sessions. */
const ORDER: readonly (readonly [doing: ReturnType<typeof doingOf>, word?: string])[] = [
  ['asking', 'waiting for approval'],
  ['interrupted', 'interrupted'],
  ['suspended', 'suspended'],
  ['failed', 'failed'],
  ['working', 'running'],
  ['waiting', 'waiting'],
  ['pending'],
  ['paused', 'paused'],
  ['stopped', 'stopped'],
  ['skipped', 'skipped'],
  ['completed'],
];

/** These verbs on a session take the name of a fan-out for all of its sessions. */
export const OF_FAN_OUTS: ReadonlySet<Verb> = new Set<Verb>(['session_pause', 'session_resume']);
