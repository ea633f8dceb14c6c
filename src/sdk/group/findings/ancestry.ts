import type { SessionView } from '../document/session-view.ts';

/**
 * Answers which sessions precede which, over any number of edges. Invariant: a query costs at most one walk over the
 * sessions upstream, on plain numbers; it allocates nothing but the stack of the walk.
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
  const visited = new Int32Array(sessions.length);
  let query = 0;
  return {
    comesBefore(id, session) {
      const wanted = numbers.get(id);
      const start = numbers.get(session.id ?? session.index);
      if (wanted === undefined || start === undefined || wanted === start) return false;
      query += 1;
      const stack = [start];
      for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
        for (const number of upstream(next)) {
          if (number === wanted) return true;
          if (visited[number] === query) continue;
          visited[number] = query;
          stack.push(number);
        }
      }
      return false;
    },
  };
}
