import { Graph, layout } from '@dagrejs/dagre';
import { GAP_BETWEEN_LAYERS, GAP_IN_LAYER, type Layout, type LayoutInput, LETTER, MARGIN } from './layout.ts';

/** Few crossings, at a price that grows with the square of the size and more. */
export function dagreLayout({ direction, nodes, edges, clusters = [] }: LayoutInput): Layout {
  const graph = new Graph({ multigraph: true, compound: true });
  graph.setGraph({
    rankdir: direction === 'right' ? 'LR' : 'TB',
    ranksep: GAP_BETWEEN_LAYERS,
    nodesep: GAP_IN_LAYER,
    marginx: MARGIN,
    marginy: MARGIN,
  });
  for (const { id } of clusters) graph.setNode(id, {});
  for (const { id, width, height } of nodes) graph.setNode(id, { width, height });
  for (const { id, parent } of [...clusters, ...nodes]) if (parent !== undefined) graph.setParent(id, parent);
  edges.forEach(({ from, to, label }, index) => {
    const room = label ? { width: LETTER.width * label.length, height: LETTER.height, labelpos: 'c' } : {};
    graph.setEdge(from, to, room, String(index));
  });
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    nodes: nodes.map(({ id }) => pointOf(graph.node(id))),
    edges: edges.map(({ from, to }, index) =>
      (graph.edge(from, to, String(index))?.points ?? []).map((point: Partial<Point>) => pointOf(point)),
    ),
  };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

const pointOf = ({ x = 0, y = 0 }: Partial<Point>): Point => ({ x: round(x), y: round(y) });

const round = (value: number): number => Math.round(value * 10) / 10;
