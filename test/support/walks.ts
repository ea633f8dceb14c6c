/** A graph of states by name: the events that leave each, and where they lead. */
export type Transitions<E> = ReadonlyMap<string, readonly { readonly event: E; readonly to: string }[]>;

/**
 * Walks from `start` that together take every transition at least once. A walk continues as long as an untaken
 * transition can be reached, for at most `limit` steps.
 */
export function coveringWalks<E>(graph: Transitions<E>, start: string, limit: number): E[][] {
  const open = new Map([...graph].map(([state, edges]) => [state, [...edges]]));
  const walks: E[][] = [];
  for (;;) {
    const walk: E[] = [];
    for (let at = start; walk.length < limit; ) {
      const way = wayToOpen(graph, open, at);
      if (!way) break;
      walk.push(...way.events);
      const edge = open.get(way.to)?.shift();
      if (!edge) break;
      walk.push(edge.event);
      at = edge.to;
    }
    if (walk.length === 0) return walks;
    walks.push(walk);
  }
}

function wayToOpen<E>(
  graph: Transitions<E>,
  open: ReadonlyMap<string, readonly unknown[]>,
  from: string,
): { events: E[]; to: string } | undefined {
  const seen = new Set([from]);
  const queue: { events: E[]; to: string }[] = [{ events: [], to: from }];
  for (let next = queue.shift(); next; next = queue.shift()) {
    if ((open.get(next.to)?.length ?? 0) > 0) return next;
    for (const { event, to } of graph.get(next.to) ?? []) {
      if (seen.has(to)) continue;
      seen.add(to);
      queue.push({ events: [...next.events, event], to });
    }
  }
  return undefined;
}
