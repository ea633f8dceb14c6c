import type { SessionDefinition, SessionGroupConfig } from '../types.ts';
import { type ResolvedSession, resolveSession } from './resolve-session.ts';

/**
 * The sessions of a definition, with the group's settings. Invariant: each is resolved when it is needed: of a group
 * that is only opened none is, and a session that was got stays the same object.
 */
export class ResolvedSessions implements Iterable<readonly [string, ResolvedSession]> {
  readonly #written: ReadonlyMap<string, SessionDefinition>;
  readonly #resolve: (session: SessionDefinition) => ResolvedSession;
  readonly #known = new Map<string, ResolvedSession>();

  /** @param agentFor what a session's agent is asked for, which it may be resolved to. */
  constructor(
    sessions: readonly SessionDefinition[],
    config: SessionGroupConfig,
    agentFor: (session: SessionDefinition) => ResolvedSession['agent'],
  ) {
    this.#written = new Map(sessions.map(session => [session.id, session]));
    this.#resolve = session => resolveSession(session, config, agentFor(session));
  }

  get size(): number {
    return this.#written.size;
  }

  has(id: string): boolean {
    return this.#written.has(id);
  }

  /** The session as it is written; undefined if there is none. */
  written(id: string): SessionDefinition | undefined {
    return this.#written.get(id);
  }

  get(id: string): ResolvedSession | undefined {
    const known = this.#known.get(id);
    const written = known ? undefined : this.#written.get(id);
    if (written === undefined) return known;
    const session = this.#resolve(written);
    this.#known.set(id, session);
    return session;
  }

  keys(): IterableIterator<string> {
    return this.#written.keys();
  }

  /** In the order of the definition; what has not been got is not kept. */
  *values(): IterableIterator<ResolvedSession> {
    for (const [id, written] of this.#written) yield this.#known.get(id) ?? this.#resolve(written);
  }

  *[Symbol.iterator](): IterableIterator<readonly [string, ResolvedSession]> {
    for (const session of this.values()) yield [session.id, session];
  }
}
