import type { Finding } from '../document/finding.ts';
import { authorsId, type SessionView } from '../document/session-view.ts';
import { shown } from '../document/visible.ts';

/*
 * Sessions that can never start, because their dependencies want different ends of one session.
 *
 * Invariant: what is reported is true. What a session needs is collected along its dependencies, in their order: with
 * `trigger: any` only what each of its edges needs. That is not all that could be found out, and what would take more than
 * MOST_STEPS is not looked at.
 */

type End = 'completed' | 'failed';
/** By the session's number; only of sessions that somebody wants to fail. */
type Needs = ReadonlyMap<number, End>;

const NOTHING: Needs = new Map();
const MOST_STEPS = 2_000_000;

/** @param byId the sessions' numbers. */
export function contradictionFindings(
  sessions: readonly SessionView[],
  byId: ReadonlyMap<string, number>,
): Finding[] {
  const wanted = new Set<number>();
  for (const { edges } of sessions) {
    for (const { session, when } of edges) if (when === 'failed') wanted.add(byId.get(session) ?? -1);
  }
  if (wanted.size === 0) return [];
  const findings: Finding[] = [];
  /** `null`: it never starts. */
  const needs = new Map<number, Needs | null>();
  let steps = 0;
  for (const number of inOrder(sessions, byId)) {
    const session = sessions[number];
    if (session === undefined) continue;
    const ways: Needs[] = [];
    for (const edge of session.edges) {
      const target = byId.get(edge.session) ?? -1;
      const before = edge.when === 'settled' ? NOTHING : (needs.get(target) ?? null);
      const forgiven = edge.when === 'completed' && sessions[target]?.raw.allowFailure === true;
      const own = wanted.has(target) && edge.when !== 'settled' && !forgiven;
      if (before !== null)
        ways.push(
          own ? new Map(before).set(target, edge.when === 'failed' ? 'failed' : 'completed') : before,
        );
      steps += 1 + (before?.size ?? 0);
    }
    if (steps > MOST_STEPS) return findings;
    const isAny = session.raw.trigger === 'any';
    if (ways.length < session.edges.length && !(isAny && ways.length > 0)) needs.set(number, null);
    else if (isAny) needs.set(number, ofEach(ways));
    else {
      const { all, torn } = ofAll(ways);
      needs.set(number, torn === undefined ? all : null);
      if (torn !== undefined) findings.push(contradiction(session, sessions[torn]));
    }
  }
  return findings;
}

function contradiction(session: SessionView, torn: SessionView | undefined): Finding {
  const message = `${shown(authorsId(session))} cannot start: its dependencies need ${shown(torn?.id)} both to complete and to fail`;
  const suggestion = 'trigger: any starts it after the first of them; when: settled after either end';
  return {
    severity: 'warning',
    code: 'never_starts',
    message,
    path: [...session.path, 'dependsOn'],
    suggestion,
  };
}

/** What all of them need; `torn`: a session of which two of them need different ends. */
function ofAll(ways: readonly Needs[]): { readonly all: Needs; readonly torn?: number } {
  const [first = NOTHING, ...others] = ways.filter(({ size }) => size > 0);
  if (others.length === 0) return { all: first };
  const all = new Map(first);
  for (const way of others) {
    for (const [number, end] of way) {
      if ((all.get(number) ?? end) !== end) return { all, torn: number };
      all.set(number, end);
    }
  }
  return { all };
}

/** What each of them needs. */
function ofEach([first = NOTHING, ...others]: readonly Needs[]): Needs {
  return new Map([...first].filter(([number, end]) => others.every(way => way.get(number) === end)));
}

/** Each after its dependencies; without those in a cycle, and after it. */
function inOrder(sessions: readonly SessionView[], byId: ReadonlyMap<string, number>): number[] {
  const open = Int32Array.from(sessions, ({ edges }) => edges.length);
  const dependents = new Map<number, number[]>();
  sessions.forEach(({ edges }, number) => {
    for (const { session } of edges) {
      const target = byId.get(session) ?? -1;
      const known = dependents.get(target);
      if (known) known.push(number);
      else dependents.set(target, [number]);
    }
  });
  const order = sessions.flatMap((_, number) => (open[number] === 0 ? [number] : []));
  for (const number of order) {
    for (const dependent of dependents.get(number) ?? []) {
      open[dependent] = (open[dependent] ?? 0) - 1;
      if (open[dependent] === 0) order.push(dependent);
    }
  }
  return order;
}
