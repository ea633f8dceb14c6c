import type { SimulatedDefinition, SimulatedSession } from '../../history.ts';

/** Spec §5, triggers, skips and order: a literal reading over the definition and the sessions that have settled. */

export type Outcome = 'completed' | 'failed' | 'stopped' | 'skipped';

/** How a session ended. `forgiven`: it failed, and was allowed to when it did. */
export interface End {
  readonly outcome: Outcome;
  readonly reason?: string;
  readonly forgiven: boolean;
}
export type Ends = (id: string) => End | undefined;
export type Verdict = 'open' | 'satisfied' | 'violated';

/** Durations that stand in for an estimate that the specification leaves to the engine's knowledge. */
const POSSIBLE_ESTIMATES = [0, 1_000, 60_000, 600_000, 36_000_000];

export class Graph {
  readonly definition: SimulatedDefinition;
  readonly #byId = new Map<string, SimulatedSession>();
  readonly #members = new Map<string, string[]>();
  readonly #place = new Map<string, number>();
  readonly #dependents = new Map<string, string[]>();
  readonly #remaining = new Map<number, Map<string, number>>();

  constructor(definition: SimulatedDefinition) {
    this.definition = definition;
    for (const session of definition.sessions) {
      this.#place.set(session.id, this.#place.size);
      this.#byId.set(session.id, session);
      const of = session.member?.of;
      if (of !== undefined) this.#members.set(of, [...(this.#members.get(of) ?? []), session.id]);
      for (const edge of session.dependsOn) {
        const list = this.#dependents.get(edge.session);
        if (list === undefined) this.#dependents.set(edge.session, [session.id]);
        else if (!list.includes(session.id)) list.push(session.id);
      }
    }
  }

  session(id: string): SimulatedSession | undefined {
    return this.#byId.get(id);
  }

  /** The ids that a word stands for: an id for itself, the name of a fan-out for all of its sessions; any other for none. */
  named(word: string): readonly string[] {
    return this.#byId.has(word) ? [word] : (this.#members.get(word) ?? []);
  }

  dependents(id: string): readonly string[] {
    return this.#dependents.get(id) ?? [];
  }

  verdicts(id: string, ends: Ends): { readonly id: string; readonly verdict: Verdict }[] {
    const edges = this.#byId.get(id)?.dependsOn ?? [];
    return edges.map(edge => ({ id: edge.session, verdict: verdict(edge.when, ends(edge.session)) }));
  }

  /** Whether a session that is not in play may start, has to wait, or is skipped. */
  trigger(id: string, ends: Ends): 'start' | 'wait' | 'skip' {
    if (!this.definition.respectDependencies) return 'start';
    const verdicts = this.verdicts(id, ends).map(edge => edge.verdict);
    if (verdicts.length === 0) return 'start';
    const open = verdicts.includes('open');
    if (this.#byId.get(id)?.trigger === 'any') {
      if (verdicts.includes('satisfied')) return 'start';
      return open ? 'wait' : 'skip';
    }
    if (verdicts.includes('violated')) return 'skip';
    return open ? 'wait' : 'start';
  }

  violated(id: string, ends: Ends): string[] {
    return this.verdicts(id, ends).flatMap(edge => (edge.verdict === 'violated' ? [edge.id] : []));
  }

  open(id: string, ends: Ends): string[] {
    return this.verdicts(id, ends).flatMap(edge => (edge.verdict === 'open' ? [edge.id] : []));
  }

  /** `upstream_failed` if one of them failed, was stopped, or was itself skipped for that reason. */
  skipReason(because: readonly string[], ends: Ends): 'upstream_failed' | 'not_needed' {
    return because.some(id => isFailure(ends(id))) ? 'upstream_failed' : 'not_needed';
  }

  /** Whether `a` goes before `b` by priority, remaining path and order, whatever the unknown estimates are. */
  surelyBefore(a: string, b: string): boolean {
    const [first, second] = [this.#byId.get(a), this.#byId.get(b)];
    if (first === undefined || second === undefined) return false;
    if (first.priority !== second.priority) return first.priority > second.priority;
    const ahead = POSSIBLE_ESTIMATES.map(ms => this.#path(a, ms) - this.#path(b, ms));
    if (ahead.every(difference => difference > 0)) return true;
    return (
      ahead.every(difference => difference === 0) && (this.#place.get(a) ?? 0) < (this.#place.get(b) ?? 0)
    );
  }

  /** Estimated time from the session's start to the end of the longest chain of dependents. */
  #path(id: string, unknownMs: number): number {
    const known = this.#remaining.get(unknownMs) ?? new Map<string, number>();
    this.#remaining.set(unknownMs, known);
    const before = known.get(id);
    if (before !== undefined) return before;
    let longest = 0;
    const after = this.definition.respectDependencies ? this.dependents(id) : [];
    for (const other of after) longest = Math.max(longest, this.#path(other, unknownMs));
    const all = longest + (this.#byId.get(id)?.estimateMs ?? unknownMs);
    known.set(id, all);
    return all;
  }
}

function verdict(when: string, end: End | undefined): Verdict {
  if (end === undefined) return 'open';
  if (when === 'settled') return 'satisfied';
  if (when === 'failed') return end.outcome === 'failed' ? 'satisfied' : 'violated';
  return end.outcome === 'completed' || end.forgiven ? 'satisfied' : 'violated';
}

function isFailure(end: End | undefined): boolean {
  if (end === undefined) return false;
  if (end.outcome === 'failed' || end.outcome === 'stopped') return true;
  return end.outcome === 'skipped' && end.reason !== 'not_needed'; // ASSUMPTIONS.stoppedUpstream
}
