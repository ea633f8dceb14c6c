import { buildGraph, DEFAULT_ESTIMATE_MS } from '../../sdk/group/dependency-graph.ts';
import type { SessionGroupDefinition } from '../../sdk/group/types.ts';
import type { GraphPicture } from '../api-types.ts';
import type { Layout, LayoutInput } from './layout.ts';

const HEIGHT = 52;
const LEAST_WIDTH = 132;
const MOST_WIDTH = 240;

/** The dependencies of a group as a picture, with the longest chain marked. */
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
    edges: edges.map(({ from, to }) => ({ from, to })),
  });
  return {
    width: layout.width,
    height: layout.height,
    nodes: boxes.map((box, index) => ({
      ...box,
      ...(layout.nodes[index] ?? { x: 0, y: 0 }),
      // A chain of one is no chain: every session alone would be as long.
      critical: chain.length > 1 && next.has(box.id),
    })),
    edges: edges.map((edge, index) => ({
      ...edge,
      critical: next.get(edge.from) === edge.to,
      points: layout.edges[index] ?? [],
    })),
  };
}

const widthOf = (id: string): number => Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, 44 + 8 * id.length));
