import type { SessionView } from '../document/session-view.ts';

/**
 * Answers which sessions precede which, over any number of edges. Invariant: all queries about a session in a
 * row cost at most one walk over the sessions upstream, on plain numbers.
 */
export interface Ancestry {
  /** Whether `id` is a direct or indirect dependency of the session; a session doesn't precede itself. */
  comesBefore(id: string, session: SessionView): boolean;
}

export function createAncestry(sessions: readonly SessionView[]): Ancestry {
  const numbers = new Map(sessions.map((session, number) => [session.id ?? session.index, number]));
  const known: number[][] = [];
  const upstream = (number: number): readonly number[] => {
    known[number] ??= sessions[number]?.edges.flatMap(edge => numbers.get(edge.session) ?? []) ?? [];
    return known[number];
  };
  const visited = new Int32Array(sessions.length).fill(NOBODY);
  let walked = NOBODY;
  /** Marks all sessions upstream as visited from `start`. */
  const walk = (start: number) => {
    const stack = [start];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      for (const number of upstream(next)) {
        if (visited[number] === start) continue;
        visited[number] = start;
        stack.push(number);
      }
    }
    walked = start;
  };
  return {
    comesBefore(id, session) {
      const wanted = numbers.get(id);
      const start = numbers.get(session.id ?? session.index);
      if (wanted === undefined || start === undefined || wanted === start) return false;
      if (upstream(start).includes(wanted)) return true;
      if (walked !== start) walk(start);
      return visited[wanted] === start;
    },
  };
}

const NOBODY = -1;
