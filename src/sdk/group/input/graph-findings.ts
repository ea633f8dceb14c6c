import type { Finding } from '../document/finding.ts';
import { type EdgeView, edgePath, type SessionView } from '../document/session-view.ts';
import { didYouMean } from '../document/suggest.ts';
import { shown, shownPath, visible } from '../document/visible.ts';
import { contradictionFindings } from './contradictions.ts';

/**
 * Problems between sessions: ids, edges, cycles. Invariant: time and memory are linear in sessions and edges (except
 * for a limited number of suggestions), and nothing recurses: a chain of 50,000 sessions is an ordinary definition.
 */
export function graphFindings(sessions: readonly SessionView[]): Finding[] {
  const byId = new Map<string, number>();
  const findings: Finding[] = [];
  sessions.forEach((session, number) => {
    if (session.id === undefined) return;
    const first = sessions[byId.get(session.id) ?? -1];
    if (first === undefined) byId.set(session.id, number);
    else findings.push(...duplicates(first, session));
  });
  const namedBy = new Int32Array(sessions.length).fill(-1);
  let suggestions = MOST_SUGGESTIONS;
  sessions.forEach((session, number) => {
    for (const edge of session.edges) {
      const target = byId.get(edge.session);
      if (edge.session === session.id) {
        const message = `session ${shown(edge.session)} depends on itself`;
        findings.push({ code: 'self_dependency', message, path: edgePath(session, edge) });
      } else if (target === undefined) {
        const suggestion = suggestions-- > 0 ? didYouMean(edge.session, byId.keys()) : undefined;
        const message = `no session has the id ${shown(edge.session)}`;
        findings.push({ code: 'unknown_session', message, path: edgePath(session, edge), suggestion });
      } else if (namedBy[target] === number) {
        const message = `${shown(edge.session)} appears twice in this list; only one edge per session is allowed`;
        findings.push({ code: 'duplicate_dependency', message, path: edgePath(session, edge) });
      }
      if (target !== undefined) namedBy[target] = number;
    }
    findings.push(...triggerFindings(session));
  });
  return [...findings, ...cycleFindings(sessions, byId), ...contradictionFindings(sessions, byId)];
}

const MOST_SUGGESTIONS = 50;
/** How many ids of a cycle a message names; the rest are counted. */
const MOST_NAMED = 20;

function duplicates(first: SessionView, again: SessionView): Finding[] {
  const at = (session: SessionView, other: SessionView): Finding => ({
    code: 'duplicate_session',
    message: `two sessions have the id ${shown(session.id)}; the other is ${shownPath(other.path)}`,
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

type ById = ReadonlyMap<string, number>;

function cycleFindings(sessions: readonly SessionView[], byId: ById): Finding[] {
  return components(sessions, byId).map(component => {
    const cycle = shortestCycle(sessions, component, byId);
    const names = cycle.map(({ edge }) => visible(edge.session));
    const cut = names.length > MOST_NAMED;
    const middle = cut ? [...names.slice(0, MOST_NAMED - 2), `… ${names.length - MOST_NAMED} more …`] : names;
    const path = [names.at(-1), ...middle, ...(cut ? names.slice(-2) : [])].join(' → ');
    const others = component.length - cycle.length;
    const rest = others === 0 ? '' : ` (${others} more in connected cycles)`;
    const [first] = cycle;
    return {
      code: 'cycle',
      message: `circular dependency: ${path}${rest}`,
      path: first === undefined ? [] : edgePath(first.from, first.edge),
      suggestion: 'remove one of these edges from dependsOn',
    };
  });
}

/** An edge of a cycle, and the session that it belongs to. */
interface Step {
  readonly from: SessionView;
  readonly edge: EdgeView;
}

/** The shortest path from the first session of the component along its dependencies back to itself. */
function shortestCycle(sessions: readonly SessionView[], component: readonly number[], byId: ById): Step[] {
  const [start = -1] = component;
  const members = new Set(component);
  const cameBy = new Map<number, { number: number; step: Step }>();
  const queue = [start];
  for (const number of queue) {
    const from = sessions[number];
    for (const edge of from?.edges ?? []) {
      const target = byId.get(edge.session) ?? -1;
      if (from === undefined || target === number || !members.has(target) || cameBy.has(target)) continue;
      cameBy.set(target, { number, step: { from, edge } });
      if (target === start) return pathTo(start, cameBy);
      queue.push(target);
    }
  }
  return [];
}

function pathTo(start: number, cameBy: ReadonlyMap<number, { number: number; step: Step }>): Step[] {
  const path: Step[] = [];
  for (let last = cameBy.get(start); last !== undefined; last = cameBy.get(last.number)) {
    path.push(last.step);
    if (last.number === start) break;
  }
  return path.reverse();
}

/**
 * Strongly connected components of more than one session (Tarjan, with an explicit stack), in definition order: the
 * sessions' numbers, ascending.
 */
function components(sessions: readonly SessionView[], byId: ById): number[][] {
  const UNSEEN = -1;
  const order = new Int32Array(sessions.length).fill(UNSEEN);
  const low = new Int32Array(sessions.length);
  const isOpen = new Uint8Array(sessions.length);
  const open: number[] = [];
  const found: number[][] = [];
  let seen = 0;
  const lower = (number: number, to = 0) => {
    low[number] = Math.min(low[number] ?? to, to);
  };
  for (const root of byId.values()) {
    const work = order[root] === UNSEEN ? [{ number: root, next: 0 }] : [];
    for (let frame = work.at(-1); frame !== undefined; frame = work.at(-1)) {
      const { number } = frame;
      if (frame.next === 0) {
        low[number] = seen;
        order[number] = seen;
        seen += 1;
        open.push(number);
        isOpen[number] = 1;
      }
      const edge = sessions[number]?.edges[frame.next++];
      if (edge !== undefined) {
        const target = byId.get(edge.session);
        if (target === undefined) continue;
        if (order[target] === UNSEEN) work.push({ number: target, next: 0 });
        else if (isOpen[target] === 1) lower(number, order[target]);
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent !== undefined) lower(parent.number, low[number]);
      if (low[number] !== order[number]) continue;
      const members = open.splice(open.lastIndexOf(number));
      for (const member of members) isOpen[member] = 0;
      if (members.length > 1) found.push(members.sort((a, b) => a - b));
    }
  }
  return found.sort(([a = 0], [b = 0]) => a - b);
}
