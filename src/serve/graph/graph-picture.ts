import { buildGraph, DEFAULT_ESTIMATE_MS } from '../../sdk/group/dependency-graph.ts';
import type { SessionGroup, SessionGroupDefinition } from '../../sdk/group/types.ts';
import type { GraphPicture } from '../api-types.ts';
import type { Layout, LayoutInput } from './layout.ts';

const HEIGHT = 52;
const LEAST_WIDTH = 196;
const MAX_WIDTH = 240;

const MAX_CACHED = 32;

/** Dependency graphs, laid out once per revision of the group's definition. */
export function graphPictures(layOut: (input: LayoutInput) => Promise<Layout>) {
  const kept = new Map<string, Promise<GraphPicture>>();
  return ({ id, createdAt, revision = 0, definition }: SessionGroup): Promise<GraphPicture> => {
    const key = `${id} ${createdAt} ${revision}`;
    const picture = kept.get(key) ?? graphPicture(definition, layOut);
    kept.set(key, picture);
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_CACHED) break;
      kept.delete(oldest);
    }
    return picture;
  };
}

/** Lays out the dependencies and marks the critical path. */
export async function graphPicture(
  { sessions, config }: SessionGroupDefinition,
  layOut: (input: LayoutInput) => Promise<Layout>,
): Promise<GraphPicture> {
  const { respectDependencies } = config.concurrency;
  const graph = buildGraph(sessions, { respectDependencies });
  const chain = graph.criticalPath(DEFAULT_ESTIMATE_MS).sessions;
  const next = new Map(chain.map((id, index) => [id, chain[index + 1]]));
  const edges = graph.nodes.flatMap(({ id, dependencies }) =>
    dependencies.map(({ to, when }) => ({ from: graph.nodes[to]?.id ?? '', to: id, when })),
  );
  const boxes = sessions.map(({ id }) => ({ id, width: widthOf(id), height: HEIGHT }));
  const layout = await layOut({
    direction: 'right',
    nodes: boxes,
    edges: edges.map(({ from, to, when }) => ({
      from,
      to,
      ...(when === 'completed' ? {} : { label: `if ${when}` }),
    })),
  });
  return {
    width: layout.width,
    height: layout.height,
    nodes: boxes.map((box, index) => ({
      ...box,
      ...(layout.nodes[index] ?? { x: 0, y: 0 }),
      // A path of one session is not marked: any other session would be as long.
      critical: chain.length > 1 && next.has(box.id),
    })),
    edges: edges.map((edge, index) => ({
      ...edge,
      critical: next.get(edge.from) === edge.to,
      points: layout.edges[index] ?? [],
    })),
  };
}

const widthOf = (id: string): number => Math.min(MAX_WIDTH, Math.max(LEAST_WIDTH, 44 + 8 * id.length));
