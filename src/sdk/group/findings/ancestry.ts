import type { SessionView } from '../document/session-view.ts';

/**
 * Which sessions come before which, over any number of edges. Invariant: a question costs at most one walk over
 * the sessions upstream, on plain numbers; nothing per question is allocated but the walk's stack.
 */
export interface Ancestry {
  /** Whether `id` is a dependency of the session, direct or not; a session is none of its own. */
  comesBefore(id: string, session: SessionView): boolean;
}

export function createAncestry(sessions: readonly SessionView[]): Ancestry {
  const numbers = new Map(sessions.map((session, number) => [session.id ?? session.index, number]));
  const upstream = sessions.map(session => session.edges.flatMap(edge => numbers.get(edge.session) ?? []));
  const visited = new Int32Array(sessions.length);
  let question = 0;
  return {
    comesBefore(id, session) {
      const wanted = numbers.get(id);
      const start = numbers.get(session.id ?? session.index);
      if (wanted === undefined || start === undefined || wanted === start) return false;
      question += 1;
      const stack = [start];
      for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
        for (const number of upstream[next] ?? []) {
          if (number === wanted) return true;
          if (visited[number] === question) continue;
          visited[number] = question;
          stack.push(number);
        }
      }
      return false;
    },
  };
}
