import { Graph, layout } from '@dagrejs/dagre';
import { GAP_BETWEEN_LAYERS, GAP_IN_LAYER, type Layout, type LayoutInput, LETTER, MARGIN } from './layout.ts';

/**
 * Few crossings, at a price that grows with the square of the size and more. To the right, what is above comes first in
 * the input, as far as crossings allow.
 */
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
  const places = nodes.map(({ id }) => pointOf(graph.node(id)));
  const boxes = new Map(nodes.map((box, index) => [box.id, { ...box, ...pointOf(places[index] ?? {}) }]));
  /** Where a line leaves or meets a box: to the right at its side, since from its top or bottom it would run behind others. */
  const side = (id: string, sign: 1 | -1, point: Point): Point => {
    const box = boxes.get(id);
    return direction !== 'right' || box === undefined
      ? point
      : { x: round(box.x + (sign * box.width) / 2), y: box.y };
  };
  const lines = edges.map(({ from, to }, index) => {
    const points: Point[] = (graph.edge(from, to, String(index))?.points ?? []).map(pointOf);
    return points.map((point, at) => {
      if (at === 0) return side(from, 1, point);
      return at === points.length - 1 ? side(to, -1, point) : point;
    });
  });
  const isTurned = direction === 'right' && isUpsideDown(places);
  const turned = (point: Point): Point => (isTurned ? { x: point.x, y: round(height - point.y) } : point);
  return { width, height, nodes: places.map(turned), edges: lines.map(points => points.map(turned)) };
}

/** Whether in its columns more pairs have the later one above than below: dagre turns what it is free to order. */
function isUpsideDown(places: readonly Point[]): boolean {
  let above = 0;
  places.forEach((later, index) => {
    for (const earlier of places.slice(0, index))
      if (earlier.x === later.x) above += Math.sign(earlier.y - later.y);
  });
  return above > 0;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

const pointOf = ({ x = 0, y = 0 }: Partial<Point>): Point => ({ x: round(x), y: round(y) });

const round = (value: number): number => Math.round(value * 10) / 10;
