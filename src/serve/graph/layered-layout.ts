import { GAP_BETWEEN_LAYERS, GAP_IN_LAYER, type Layout, type LayoutInput, MARGIN } from './layout.ts';

/** The room of a picture on the page; layers are folded so that it is seen as large as possible. */
const VIEW = { along: 1_240, across: 460 };
/** A layer of so many nodes stays one column. */
const SHORT = 8;
const LEAST_ROWS = 4;
/** Between the columns of one layer. */
const GAP_BETWEEN_COLUMNS = 36;
/** How far lines run from the columns that they pass, and from the boxes whose line they are. */
const [ASIDE, APART] = [GAP_BETWEEN_COLUMNS / 2, 7];

/** Whether a layer of it is so long that the picture is larger with that in several columns. */
export function isFolded({ nodes, edges }: LayoutInput): boolean {
  const counts = layersOf(nodes.length, linksOf(nodes, edges)).map(({ length }) => length);
  return rowsOf(counts, nodes) < Math.max(0, ...counts);
}

/**
 * Puts the nodes in layers, sorted by the positions of their neighbours; a layer that is too long wraps into columns, and lines
 * run between the rows of these. Costs O((nodes + edges) · log nodes), unless edges pass many layers.
 */
export function layeredLayout({ direction, nodes, edges }: LayoutInput): Layout {
  const links = linksOf(nodes, edges);
  const layers = layersOf(nodes.length, links);
  untangle(layers, links);
  const isRight = direction === 'right';
  const along = (node: number): number => (isRight ? nodes[node]?.width : nodes[node]?.height) ?? 0;
  const across = (node: number): number => (isRight ? nodes[node]?.height : nodes[node]?.width) ?? 0;

  const counts = layers.map(({ length }) => length);
  const rows = rowsOf(
    counts,
    isRight ? nodes : nodes.map(({ width: height, height: width }) => ({ width, height })),
  );
  const extentOf = (column: readonly number[]) =>
    sum(column.map(across)) + GAP_IN_LAYER * (column.length - 1);
  const folded = layers.map(layer => foldedIn(layer, rows));
  const extents = folded.map(columns => Math.max(...columns.map(extentOf)));
  const extent = Math.max(0, ...extents);
  const seats = nodes.map((): Seat => NOWHERE);
  let at = MARGIN;
  const bands = folded.map((columns, index): Band => {
    const [start, top] = [at, MARGIN + (extent - (extents[index] ?? 0)) / 2];
    const lanes: number[] = [];
    columns.forEach((column, place) => {
      const thickness = Math.max(...column.map(along));
      let offset = top;
      for (const node of column) {
        const [isFirst, isLast] = [place === 0, place === columns.length - 1];
        const centre = { along: at + thickness / 2, across: offset + across(node) / 2 };
        seats[node] = { ...centre, band: index, start: at, end: at + thickness, isFirst, isLast };
        if (isFirst) lanes.push(offset - GAP_IN_LAYER / 2);
        offset += across(node) + GAP_IN_LAYER;
        if (isFirst && node === column.at(-1)) lanes.push(offset - GAP_IN_LAYER / 2);
      }
      at += thickness + (place < columns.length - 1 ? GAP_BETWEEN_COLUMNS : 0);
    });
    const band = { start, end: at, lanes };
    at += GAP_BETWEEN_LAYERS;
    return band;
  });

  const size = { along: Math.max(2 * MARGIN, at - GAP_BETWEEN_LAYERS + MARGIN), across: extent + 2 * MARGIN };
  const point = (place: Place) =>
    isRight ? { x: place.along, y: place.across } : { x: place.across, y: place.along };
  const { x: width, y: height } = point(size);
  return {
    width,
    height,
    nodes: seats.map(point),
    edges: links.pairs.map(({ from, to }) => {
      const [start, end] = [seats[from] ?? NOWHERE, seats[to] ?? NOWHERE];
      return [
        point({ ...start, along: start.along + along(from) / 2 }),
        ...wayBetween(start, end, {
          bands,
          below: across(from) / 2 + APART,
          above: across(to) / 2 + APART,
        }).map(point),
        point({ ...end, along: end.along - along(to) / 2 }),
      ];
    }),
  };
}

/** Positions: along the layers, and across them. */
interface Place {
  readonly along: number;
  readonly across: number;
}

/** A layer: from where to where it is, and the lines between its rows. */
interface Band {
  readonly start: number;
  readonly end: number;
  readonly lanes: readonly number[];
}

/** The place of a node, its layer, and its column there. */
interface Seat extends Place {
  readonly band: number;
  readonly start: number;
  readonly end: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

const NOWHERE: Seat = { along: 0, across: 0, band: 0, start: 0, end: 0, isFirst: true, isLast: true };

interface Ways {
  readonly bands: readonly Band[];
  /** How far below its centre the first node is left, and how far above its centre the last one is reached. */
  readonly below: number;
  readonly above: number;
}

/** Around the other columns of both layers, and between the rows of the layers between these. */
function wayBetween(from: Seat, to: Seat, { bands, below, above }: Ways): Place[] {
  const points: Place[] = [];
  const run = (start: number, end: number, line: number) =>
    points.push({ along: start, across: line }, { along: end, across: line });
  const last = bands[from.band];
  if (!from.isLast && last) run(from.end + ASIDE, last.end + ASIDE, from.across + below);
  for (const { start, end, lanes } of bands.slice(from.band + 1, to.band)) {
    const share = (start - from.along) / (to.along - from.along);
    const straight = from.across + share * (to.across - from.across);
    const near = lanes.reduce((one, other) =>
      Math.abs(other - straight) < Math.abs(one - straight) ? other : one,
    );
    run(start - ASIDE, end + ASIDE, near);
  }
  const first = bands[to.band];
  if (!to.isFirst && first) run(first.start - ASIDE, to.start - ASIDE, to.across - above);
  return points;
}

/** In how many rows layers of so many nodes are folded: such that the picture is as large as the view allows. */
function rowsOf(
  counts: readonly number[],
  nodes: readonly { readonly width: number; readonly height: number }[],
): number {
  const longest = Math.max(1, ...counts);
  if (longest <= SHORT) return longest;
  const along = nodes.reduce((most, { width }) => Math.max(most, width), 0);
  const across = nodes.reduce((most, { height }) => Math.max(most, height), 0) + GAP_IN_LAYER;
  const scaleWith = (rows: number) => {
    const columns = sum(counts.map(count => Math.ceil(count / rows)));
    const gaps = (columns - counts.length) * GAP_BETWEEN_COLUMNS + counts.length * GAP_BETWEEN_LAYERS;
    return Math.min(1, VIEW.along / (columns * along + gaps), VIEW.across / (rows * across));
  };
  let [best, most] = [longest, scaleWith(longest)];
  for (let columns = 2, rows = longest; rows > LEAST_ROWS; columns += 1) {
    rows = Math.ceil(longest / columns);
    const scale = scaleWith(rows);
    if (scale > most) [best, most] = [rows, scale];
    else if (scale < most / 2) break;
  }
  return best;
}

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
