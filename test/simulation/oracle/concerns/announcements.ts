import type { SeenEvent } from '../../history.ts';
import { type Concern, type Court, listOf, sessionOf, textOf, timeOf } from '../concern.ts';

/** A slow store takes the update in one write and what it adds in the next. */
const WRITTEN_BY_MS = 10;

/** §3, §8 and §10: what joins a group is announced, and what starts was told that its dependencies are resolved, once. */
export function announcements(court: Court): Concern {
  const { truth } = court;
  /** Sessions that an update has added, and that nobody has been told of, and when it was. */
  let unannounced = new Map<string, number>();
  /** Of each session, the dependencies of which it was told. */
  let resolved = new Map<string, Set<string>>();
  /** The same, without what has been opened again or has got other dependencies since: it is told anew. */
  let standing = new Set<string>();
  let known = 0;

  function forget(ids: readonly string[]): void {
    const names = new Set(ids);
    for (const pair of standing) if (pair.split(' ').some(id => names.has(id))) standing.delete(pair);
  }

  function note(event: SeenEvent): void {
    known = event.seq + 1;
    const id = sessionOf(event);
    if (event.type === 'group_updated') {
      for (const added of listOf(event.added)) unannounced.set(added, timeOf(event));
      for (const removed of listOf(event.removed)) resolved.delete(removed);
      forget([...listOf(event.removed), ...listOf(event.changed)]);
    } else if (event.type === 'group_retried') forget(listOf(event.sessions));
    else if (event.type === 'session_added') unannounced.delete(id);
    else if (event.type === 'dependency_resolved') {
      const told = resolved.get(id) ?? new Set();
      resolved.set(id, told.add(textOf(event.dependency)));
      standing.add(`${id} ${textOf(event.dependency)}`);
    }
  }

  /** A power cut has taken the last events away. */
  function forgetLost(): void {
    if (court.journal.next >= known) return;
    unannounced = new Map();
    resolved = new Map();
    standing = new Set();
    for (const event of court.journal.events) note(event);
  }

  function started(id: string): void {
    const session = truth.graph.session(id);
    if (session === undefined || !truth.definition.respectDependencies) return;
    const told = resolved.get(id);
    const missing = session.dependsOn.filter(edge => !told?.has(edge.session));
    if (missing.length === 0 || (session.trigger === 'any' && missing.length < session.dependsOn.length))
      return;
    const names = missing.map(edge => edge.session).join(', ');
    court.report('§8 recovery', `${id} starts, and was never told that ${names} is resolved`);
  }

  return {
    before(event) {
      const id = sessionOf(event);
      const session = truth.sessions.get(id);
      if (event.type === 'group_updated') {
        for (const added of listOf(event.added)) {
          if (truth.sessions.has(added)) court.report('§10', `${added} is added, and is in the group`);
        }
      } else if (event.type === 'session_added' && !unannounced.has(id)) {
        court.report('§10', `${id} is announced, and no update has added it`);
      } else if (event.type === 'dependency_resolved' && standing.has(`${id} ${textOf(event.dependency)}`)) {
        court.report('§8 recovery', `${id} is told again that ${textOf(event.dependency)} is resolved`);
      } else if (event.type === 'session_started' && session?.attempts === 0 && !session.inPlay) started(id);
      note(event);
    },
    step() {
      forgetLost();
      if (unannounced.size === 0 || court.ownerless || court.trouble.disk) return;
      const late = [...unannounced].flatMap(([id, since]) => (court.at - since > WRITTEN_BY_MS ? [id] : []));
      if (late.length > 0) court.report('§10', `the group has got ${late.join(', ')}, and nobody is told`);
    },
  };
}
