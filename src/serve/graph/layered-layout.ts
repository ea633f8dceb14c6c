import { GAP_BETWEEN_LAYERS, GAP_IN_LAYER, type Layout, type LayoutInput, MARGIN } from './layout.ts';

/**
 * Puts the nodes in layers, sorted by the positions of their neighbours; a layer that is too long wraps into columns.
 * Costs O((nodes + edges) · log nodes): used for groups that are too large for dagre.
 */
export function layeredLayout({ direction, nodes, edges }: LayoutInput): Layout {
  const links = linksOf(nodes, edges);
  const layers = layersOf(nodes.length, links);
  untangle(layers, links);
  const longest = Math.max(LEAST_ROWS, Math.ceil(Math.sqrt(nodes.length)));
  const isRight = direction === 'right';
  const along = (node: number): number => (isRight ? nodes[node]?.width : nodes[node]?.height) ?? 0;
  const across = (node: number): number => (isRight ? nodes[node]?.height : nodes[node]?.width) ?? 0;

  const columns = layers.flatMap(layer => foldedIn(layer, longest));
  const extents = columns.map(column => sum(column.map(across)) + GAP_IN_LAYER * (column.length - 1));
  const extent = Math.max(0, ...extents);
  const places = nodes.map(() => ({ along: 0, across: 0 }));
  let at = MARGIN;
  columns.forEach((column, index) => {
    const thickness = Math.max(...column.map(along));
    let offset = MARGIN + (extent - (extents[index] ?? 0)) / 2;
    for (const node of column) {
      places[node] = { along: at + thickness / 2, across: offset + across(node) / 2 };
      offset += across(node) + GAP_IN_LAYER;
    }
    at += thickness + GAP_BETWEEN_LAYERS;
  });

  const size = { along: Math.max(2 * MARGIN, at - GAP_BETWEEN_LAYERS + MARGIN), across: extent + 2 * MARGIN };
  const point = (place: { along: number; across: number }) =>
    isRight ? { x: place.along, y: place.across } : { x: place.across, y: place.along };
  const { x: width, y: height } = point(size);
  return {
    width,
    height,
    nodes: places.map(point),
    edges: links.pairs.map(({ from, to }) => {
      const [start, end] = [places[from] ?? ORIGIN, places[to] ?? ORIGIN];
      return [
        point({ ...start, along: start.along + along(from) / 2 }),
        point({ ...end, along: end.along - along(to) / 2 }),
      ];
    }),
  };
}

const LEAST_ROWS = 12;
const ORIGIN = { along: 0, across: 0 };

interface Links {
  readonly pairs: readonly { readonly from: number; readonly to: number }[];
  readonly before: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
}

function linksOf(nodes: LayoutInput['nodes'], edges: LayoutInput['edges']): Links {
  const indexes = new Map(nodes.map(({ id }, index) => [id, index]));
  const before: number[][] = nodes.map(() => []);
  const after: number[][] = nodes.map(() => []);
  const pairs = edges.map(edge => {
    const from = indexes.get(edge.from) ?? 0;
    const to = indexes.get(edge.to) ?? 0;
    before[to]?.push(from);
    after[from]?.push(to);
    return { from, to };
  });
  return { pairs, before, after };
}

/** Each node goes one layer after its last dependency; nodes in a cycle go last. */
function layersOf(count: number, { before, after }: Links): number[][] {
  const open = before.map(nodes => nodes.length);
  const level = new Array<number>(count).fill(0);
  const queue = level.flatMap((_, node) => (open[node] === 0 ? [node] : []));
  for (let at = 0; at < queue.length; at++) {
    const node = queue[at] ?? 0;
    for (const next of after[node] ?? []) {
      level[next] = Math.max(level[next] ?? 0, (level[node] ?? 0) + 1);
      open[next] = (open[next] ?? 0) - 1;
      if (open[next] === 0) queue.push(next);
    }
  }
  const layers: number[][] = [];
  level.forEach((layer, node) => {
    while (layers.length <= layer) layers.push([]);
    layers[layer]?.push(node);
  });
  return layers.filter(layer => layer.length > 0);
}

/** Reduces crossings by two sweeps in each direction that move each node to the mean of its neighbours. */
function untangle(layers: number[][], { before, after }: Links): void {
  const place: number[] = [];
  const note = (layer: readonly number[]) => {
    layer.forEach((node, index) => {
      place[node] = index / layer.length;
    });
  };
  layers.forEach(note);
  const sort = (layer: number[], neighbours: Links['before']) => {
    const middle = new Map(
      layer.map(node => {
        const near = neighbours[node] ?? [];
        return [
          node,
          near.length === 0 ? (place[node] ?? 0) : sum(near.map(other => place[other] ?? 0)) / near.length,
        ];
      }),
    );
    layer.sort((a, b) => (middle.get(a) ?? 0) - (middle.get(b) ?? 0) || a - b);
    note(layer);
  };
  for (let sweep = 0; sweep < 2; sweep++) {
    for (const layer of layers.slice(1)) sort(layer, before);
    for (const layer of layers.slice(0, -1).reverse()) sort(layer, after);
  }
}

function foldedIn(layer: readonly number[], rows: number): (readonly number[])[] {
  const columns = Math.ceil(layer.length / rows);
  const length = Math.ceil(layer.length / columns);
  return Array.from({ length: columns }, (_, at) => layer.slice(at * length, (at + 1) * length));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
