import type { Finding } from '../document/finding.ts';
import type { EdgeView, SessionView } from '../document/session-view.ts';
import { didYouMean } from '../document/suggest.ts';
import { shown, visible } from '../document/visible.ts';

/**
 * Problems between sessions: ids, edges, cycles. Invariant: time and memory are linear in sessions and edges (except
 * for a limited number of suggestions), and nothing recurses: a chain of 50,000 sessions is an ordinary definition.
 */
export function graphFindings(sessions: readonly SessionView[]): Finding[] {
  const byId = new Map<string, SessionView>();
  const findings: Finding[] = [];
  for (const session of sessions) {
    const first = session.id === undefined ? undefined : byId.get(session.id);
    if (first !== undefined) findings.push(...duplicates(first, session));
    else if (session.id !== undefined) byId.set(session.id, session);
  }
  let suggestions = MOST_SUGGESTIONS;
  for (const session of sessions) {
    const seen = new Set<string>();
    for (const edge of session.edges) {
      const path = edge.path;
      const id = shown(edge.session);
      if (edge.session === session.id) {
        findings.push({ code: 'self_dependency', message: `session ${id} depends on itself`, path });
      } else if (!byId.has(edge.session)) {
        const suggestion = suggestions-- > 0 ? didYouMean(edge.session, byId.keys()) : undefined;
        findings.push({ code: 'unknown_session', message: `no session has the id ${id}`, path, suggestion });
      } else if (seen.has(edge.session)) {
        const message = `${id} appears twice in this list; only one edge per session is allowed`;
        findings.push({ code: 'duplicate_dependency', message, path });
      }
      seen.add(edge.session);
    }
    findings.push(...triggerFindings(session));
  }
  return [...findings, ...cycleFindings(byId)];
}

const MOST_SUGGESTIONS = 50;
/** How many ids of a cycle a message names; the rest are counted. */
const MOST_NAMED = 20;

function duplicates(first: SessionView, again: SessionView): Finding[] {
  const at = (session: SessionView, other: SessionView): Finding => ({
    code: 'duplicate_session',
    message: `two sessions have the id ${shown(session.id)}; the other is sessions[${other.index}]`,
    path: [...session.path, 'id'],
  });
  return [at(first, again), at(again, first)];
}

function triggerFindings(session: SessionView): Finding[] {
  if (session.raw.trigger !== 'any' || session.edges.length > 1) return [];
  const message = `trigger: any needs several edges; this session has ${session.edges.length === 1 ? 'one' : 'none'}`;
  const path = [...session.path, 'trigger'];
  return [{ severity: 'warning', code: 'trigger_without_choice', message, path }];
}

function cycleFindings(byId: ReadonlyMap<string, SessionView>): Finding[] {
  return components(byId).map(component => {
    const cycle = shortestCycle(component, byId);
    const names = cycle.map(edge => visible(edge.session));
    const cut = names.length > MOST_NAMED;
    const middle = cut ? [...names.slice(0, MOST_NAMED - 2), `… ${names.length - MOST_NAMED} more …`] : names;
    const path = [names.at(-1), ...middle, ...(cut ? names.slice(-2) : [])].join(' → ');
    const others = component.size - cycle.length;
    const rest = others === 0 ? '' : ` (${others} more in connected cycles)`;
    return {
      code: 'cycle',
      message: `circular dependency: ${path}${rest}`,
      path: cycle[0]?.path ?? [],
      suggestion: 'remove one of these edges from dependsOn',
    };
  });
}

/** The shortest path from the first session of the component along its dependencies back to itself. */
function shortestCycle(component: ReadonlySet<string>, byId: ReadonlyMap<string, SessionView>): EdgeView[] {
  const [start = ''] = component;
  const cameBy = new Map<string, { from: string; edge: EdgeView }>();
  const queue = [start];
  for (const id of queue) {
    for (const edge of byId.get(id)?.edges ?? []) {
      if (edge.session === id || !component.has(edge.session) || cameBy.has(edge.session)) continue;
      cameBy.set(edge.session, { from: id, edge });
      if (edge.session === start) return pathTo(start, cameBy);
      queue.push(edge.session);
    }
  }
  return [];
}

function pathTo(start: string, cameBy: ReadonlyMap<string, { from: string; edge: EdgeView }>): EdgeView[] {
  const path: EdgeView[] = [];
  for (let step = cameBy.get(start); step !== undefined; step = cameBy.get(step.from)) {
    path.push(step.edge);
    if (step.from === start) break;
  }
  return path.reverse();
}

/** Strongly connected components of more than one session (Tarjan, with an explicit stack), in definition order. */
function components(byId: ReadonlyMap<string, SessionView>): Set<string>[] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const found: Set<string>[] = [];
  const lower = (id: string, to: number) => low.set(id, Math.min(low.get(id) ?? to, to));
  for (const root of byId.keys()) {
    const work = order.has(root) ? [] : [{ id: root, next: 0 }];
    for (let frame = work.at(-1); frame !== undefined; frame = work.at(-1)) {
      const { id } = frame;
      if (frame.next === 0) {
        low.set(id, order.size);
        order.set(id, order.size);
        open.push(id);
        isOpen.add(id);
      }
      const target = byId.get(id)?.edges[frame.next++]?.session;
      if (target !== undefined) {
        if (byId.has(target) && !order.has(target)) work.push({ id: target, next: 0 });
        else if (isOpen.has(target)) lower(id, order.get(target) ?? 0);
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent !== undefined) lower(parent.id, low.get(id) ?? 0);
      if (low.get(id) !== order.get(id)) continue;
      const members = open.splice(open.lastIndexOf(id));
      for (const member of members) isOpen.delete(member);
      if (members.length > 1) found.push(new Set(members));
    }
  }
  const position = new Map([...byId.keys()].map((id, index) => [id, index]));
  const sorted = (ids: Iterable<string>) =>
    [...ids].sort((a, b) => (position.get(a) ?? 0) - (position.get(b) ?? 0));
  return found
    .map(component => new Set(sorted(component)))
    .sort((a, b) => (position.get([...a][0] ?? '') ?? 0) - (position.get([...b][0] ?? '') ?? 0));
}
