import type { SettledStatus, SkipReason } from '../../../../machines/vocabulary.ts';
import type { GraphSession } from '../../group/dependency-graph.ts';

/**
 * The rules about triggers, skips and order, written as plainly as possible and independently of the engine: everything
 * is recomputed from the definition and the settled sessions.
 */

export interface Settlement {
  readonly outcome: SettledStatus;
  readonly reason?: SkipReason | undefined;
}
export type Settled = ReadonlyMap<string, Settlement>;
export type Verdict = 'open' | 'satisfied' | 'violated';

export class Oracle {
  readonly #byId: ReadonlyMap<string, GraphSession>;
  readonly sessions: readonly GraphSession[];

  constructor(sessions: readonly GraphSession[]) {
    this.sessions = sessions;
    this.#byId = new Map(sessions.map(session => [session.id, session]));
  }

  session(id: string): GraphSession {
    const session = this.#byId.get(id);
    if (!session) throw new Error(`the oracle has no session ${id}`);
    return session;
  }

  /** Those that wait for it, in the order of the definition. */
  dependents(id: string): string[] {
    return this.sessions.flatMap(other =>
      other.dependsOn.some(edge => edge.session === id) ? other.id : [],
    );
  }

  verdicts(id: string, settled: Settled): { id: string; verdict: Verdict }[] {
    return this.session(id).dependsOn.map(edge => {
      const end = settled.get(edge.session);
      if (!end) return { id: edge.session, verdict: 'open' };
      const forgiven = end.outcome === 'failed' && this.session(edge.session).allowFailure;
      const satisfied =
        edge.when === 'settled' ||
        (edge.when === 'failed' && end.outcome === 'failed') ||
        (edge.when === 'completed' && (end.outcome === 'completed' || forgiven));
      return { id: edge.session, verdict: satisfied ? 'satisfied' : 'violated' };
    });
  }

  /** Whether a session that has not started may start, must wait, or will be skipped. */
  trigger(id: string, settled: Settled): 'start' | 'wait' | 'skip' {
    const verdicts = this.verdicts(id, settled).map(({ verdict }) => verdict);
    if (verdicts.length === 0) return 'start';
    if (this.session(id).trigger === 'any') {
      if (verdicts.includes('satisfied')) return 'start';
      return verdicts.includes('open') ? 'wait' : 'skip';
    }
    if (verdicts.includes('violated')) return 'skip';
    return verdicts.includes('open') ? 'wait' : 'start';
  }

  violated(id: string, settled: Settled): string[] {
    return this.verdicts(id, settled)
      .filter(({ verdict }) => verdict === 'violated')
      .map(edge => edge.id);
  }

  /** Why a session is skipped whose edges from `because` are violated. A stop doesn't make it unneeded. */
  reason(because: readonly string[], settled: Settled): SkipReason {
    const needed = because.some(id => {
      const end = settled.get(id);
      return (
        end?.outcome === 'failed' ||
        end?.outcome === 'stopped' ||
        (end?.outcome === 'skipped' && end.reason !== 'not_needed')
      );
    });
    return needed ? 'upstream_failed' : 'not_needed';
  }

  /** Estimated time from the session's start to the end of the longest chain of dependents. */
  remaining(id: string, fallbackMs: number, known = new Map<string, number>()): number {
    const before = known.get(id);
    if (before !== undefined) return before;
    const dependents = this.dependents(id);
    const longest = Math.max(0, ...dependents.map(other => this.remaining(other, fallbackMs, known)));
    const all = longest + (this.session(id).estimate ?? fallbackMs);
    known.set(id, all);
    return all;
  }

  /** Candidates in the order in which they start; `reentered` are those that continue, in their order. */
  order(candidates: readonly string[], reentered: readonly string[], fallbackMs: number): string[] {
    const known = new Map<string, number>();
    const place = (id: string) => this.sessions.findIndex(session => session.id === id);
    const fresh = candidates.filter(id => !reentered.includes(id));
    const back = reentered.filter(id => candidates.includes(id));
    fresh.sort(
      (a, b) =>
        this.session(b).priority - this.session(a).priority ||
        this.remaining(b, fallbackMs, known) - this.remaining(a, fallbackMs, known) ||
        place(a) - place(b),
    );
    return [...back, ...fresh];
  }
}

/** I5: whether a group whose sessions ended like this may be completed. */
export function mayBeCompleted(sessions: readonly GraphSession[], settled: Settled): boolean {
  return sessions.every(({ id, allowFailure }) => {
    const end = settled.get(id);
    if (end?.outcome === 'completed') return true;
    if (end?.outcome === 'skipped') return end.reason === 'not_needed';
    return end?.outcome === 'failed' && allowFailure;
  });
}
