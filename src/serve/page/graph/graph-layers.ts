import type { GraphArrow, GraphBox, GraphPicture } from '../../picture-types.ts';
import type { Unfolding } from './unfold.ts';

/** From this many boxes on, a graph is shown by layers. */
export const MANY_BOXES = 60;

/** Boxes that are equally far from the first ones: each depends on some of the layer before. */
export type Layers = readonly (readonly GraphBox[])[];

/** A picture of layers: an open one is followed by its boxes, and an open fan-out among these by its sessions. */
export interface LayeredPicture extends GraphPicture {
  /** The layer of each box that stands for one, by its id. */
  readonly layerOf: ReadonlyMap<string, number>;
}

/** The id of the box that stands for a layer. */
export const layerId = (layer: number): string => `layer ${layer + 1}`;

const WIDTH = 190;
const HEIGHT = 56;
const GAP = { x: 36, y: 16 };
/** Boxes of an open layer below each other. */
const MOST_ROWS = 12;

export function layersOf({ nodes, edges }: GraphPicture): Layers {
  const left = new Map(nodes.map(({ id }) => [id, 0]));
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) {
    left.set(to, (left.get(to) ?? 0) + 1);
    next.set(from, [...(next.get(from) ?? []), to]);
  }
  const depth = new Map(nodes.map(({ id }) => [id, 0]));
  const ready = nodes.flatMap(({ id }) => (left.get(id) === 0 ? [id] : []));
  for (const id of ready) {
    for (const to of next.get(id) ?? []) {
      depth.set(to, Math.max(depth.get(to) ?? 0, (depth.get(id) ?? 0) + 1));
      left.set(to, (left.get(to) ?? 0) - 1);
      if (left.get(to) === 0) ready.push(to);
    }
  }
  const layers: GraphBox[][] = [];
  for (const box of nodes) {
    const at = depth.get(box.id) ?? 0;
    while (layers.length <= at) layers.push([]);
    layers[at]?.push(box);
  }
  return layers;
}

/**
 * The layers from left to right, in as many rows as they need; those that are open with their boxes.
 * @param inRow so many layers beside each other.
 */
export function layeredPicture(
  layers: Layers,
  { open, sessionsOf }: Unfolding,
  inRow: number,
): LayeredPicture {
  const nodes: GraphBox[] = [];
  const edges: GraphArrow[] = [];
  const layerOf = new Map<string, number>();
  const heads: GraphBox[] = [];
  const inside = (box: GraphBox) => sessionsOf(box).map(id => ({ id, critical: false }));
  let [top, left, bottom, right] = [0, 0, 0, 0];
  layers.forEach((all, index) => {
    if (index > 0 && index % inRow === 0) {
      left = 0;
      top = bottom + 2 * GAP.y;
    }
    const id = layerId(index);
    const place = { x: left + WIDTH / 2, y: top + HEIGHT / 2, width: WIDTH, height: HEIGHT };
    const head = { id, critical: all.some(({ critical }) => critical), ...place };
    nodes.push(head);
    heads.push(head);
    layerOf.set(id, index);
    const shown = open.has(id) ? all.flatMap(box => [box, ...(open.has(box.id) ? inside(box) : [])]) : [];
    const columns = Math.max(1, Math.ceil(shown.length / MOST_ROWS));
    const rows = Math.min(shown.length, MOST_ROWS);
    shown.forEach((box, at) => {
      const [column, row] = [Math.floor(at / MOST_ROWS), at % MOST_ROWS];
      const x = left + WIDTH / 2 + column * (WIDTH + GAP.y);
      nodes.push({
        ...box,
        x,
        y: top + HEIGHT / 2 + (row + 1) * (HEIGHT + GAP.y),
        width: WIDTH,
        height: HEIGHT,
      });
    });
    bottom = Math.max(bottom, top + HEIGHT + rows * (HEIGHT + GAP.y));
    left += columns * (WIDTH + GAP.y) - GAP.y + GAP.x;
    right = Math.max(right, left - GAP.x);
  });
  heads.slice(1).forEach((to, index) => {
    const from = heads[index];
    if (from === undefined) return;
    const [start, end] = [
      { x: from.x + WIDTH / 2, y: from.y },
      { x: to.x - WIDTH / 2, y: to.y },
    ];
    // To the next row: down between the rows.
    const between = to.y - HEIGHT / 2 - GAP.y;
    const turns =
      to.y === from.y
        ? []
        : [
            { x: start.x + GAP.y, y: start.y },
            { x: start.x + GAP.y, y: between },
            { x: end.x - GAP.y, y: between },
            { x: end.x - GAP.y, y: end.y },
          ];
    const critical = from.critical && to.critical;
    edges.push({ from: from.id, to: to.id, when: 'completed', critical, points: [start, ...turns, end] });
  });
  return { width: right, height: bottom, nodes, edges, layerOf };
}
