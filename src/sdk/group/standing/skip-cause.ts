import { isSettled, type SessionStatus } from '../../../../machines/vocabulary.ts';
import { given } from '../../given.ts';
import type { GroupProgress, SessionProgress } from '../progress/progress.ts';
import { isSatisfied } from '../schedule/schedule-entry.ts';
import type { StoredGroup } from '../store/store.ts';
import type { SessionDefinition } from '../types.ts';

/** A session behind a skip, and how it ended. */
export interface SkipRoot extends Pick<SessionProgress, 'status' | 'error'> {
  readonly sessionId: string;
}

/** Why a session was skipped, followed to its beginning. */
export interface SkipCause {
  /**
   * The sessions behind it that were not skipped themselves: that have failed, say, or were stopped; also those that did so
   * after the skip. Empty after a stop.
   */
  readonly roots: readonly SkipRoot[];
  /** Those between, which were skipped as well; the nearest first. */
  readonly through: readonly string[];
}

/** The upstream sessions that have settled otherwise than a session waits for. */
export const violated = (
  session: SessionDefinition | undefined,
  {
    definitions,
    statusOf,
  }: {
    readonly definitions: ReadonlyMap<string, SessionDefinition>;
    statusOf(id: string): SessionStatus | undefined;
  },
): readonly string[] =>
  (session?.dependsOn ?? []).flatMap(edge => {
    const [upstream, status] = [definitions.get(edge.session), statusOf(edge.session)];
    if (upstream === undefined || status === undefined || !isSettled(status)) return [];
    return isSatisfied(edge, status, { session: upstream }) ? [] : edge.session;
  });

/** Undefined for a session that was not skipped. */
export function skipCause(
  session: SessionProgress,
  { group, records }: Pick<StoredGroup, 'group' | 'records'>,
  progress: Pick<GroupProgress, 'sessions'>,
): SkipCause | undefined {
  if (session.status !== 'skipped') return undefined;
  const because = new Map<string, readonly string[]>();
  for (const record of records)
    if (record.type === 'session_skipped') because.set(record.sessionId, record.because);
  const definitions = new Map(group.definition.sessions.map(one => [one.id, one]));
  const sessions = new Map(progress.sessions.map(one => [one.id, one]));
  /** What was violated when it was skipped, and, unless it was only not needed, what has been since. */
  const violatedBy = ({ id, skipReason }: SessionProgress): readonly string[] => {
    const known = because.get(id) ?? [];
    if (skipReason !== 'upstream_failed') return known;
    return [
      ...known,
      ...violated(definitions.get(id), { definitions, statusOf: one => sessions.get(one)?.status }),
    ];
  };
  const ids = new Set([session.id]);
  // A set goes on over what is added to it meanwhile.
  for (const id of ids) {
    const one = sessions.get(id);
    if (one?.status === 'skipped') for (const upstream of violatedBy(one)) ids.add(upstream);
  }
  const behind = [...ids].slice(1).flatMap(id => sessions.get(id) ?? []);
  return {
    roots: behind
      .filter(({ status }) => status !== 'skipped')
      .map(({ id, status, error }) => ({ sessionId: id, status, ...given({ error }) })),
    through: behind.filter(({ status }) => status === 'skipped').map(({ id }) => id),
  };
}
