import type { GraphBox, GraphPicture, Point } from '../../picture-types.ts';

/** A grid of boxes that is about twice as wide as it is high has so many times more rows than columns. */
const ROWS_PER_COLUMN = 1.3;
const LEAST_ROWS = 4;
const GAP = 12;

/** Fan-outs of a graph: which are unfolded, by the ids of their boxes, and the sessions of each. */
export interface Unfolding {
  readonly open: ReadonlySet<string>;
  sessionsOf(box: GraphBox): readonly string[];
}

/** Room that is made in a picture: what lies beyond `at` moves by `by`. */
interface Cut {
  readonly at: number;
  readonly by: number;
}

/**
 * The picture of a folded graph with the sessions of each open fan-out below its box, which becomes as wide as they are.
 * Everything else keeps its place beside, above and below the others.
 */
export function unfolded(picture: GraphPicture, { open, sessionsOf }: Unfolding): GraphPicture {
  const grids = new Map(
    picture.nodes.filter(({ id }) => open.has(id)).map(box => [box.id, gridOf(box, sessionsOf(box))]),
  );
  if (grids.size === 0) return picture;
  const heads = picture.nodes.filter(({ id }) => grids.has(id));
  const down = cutsIn(heads.map(box => ({ at: box.y + box.height / 2, by: grids.get(box.id)?.high ?? 0 })));
  const right = cutsIn(heads.map(({ id, x }) => ({ at: x, by: grids.get(id)?.wide ?? 0 })));
  const moved = ({ x, y }: Point): Point => ({ x: x + shift(right, x), y: y + shift(down, y) });
  const boxes = new Map(picture.nodes.map(box => [box.id, box]));
  /** Where a line meets a box it moves with that, on its right side as far as that becomes wider. */
  const withBox = (point: Point, id: string, wide = 0): Point => {
    const box = boxes.get(id) ?? point;
    const { x, y } = moved(box);
    return { x: point.x + x - box.x + wide, y: point.y + y - box.y };
  };
  const nodes = picture.nodes.flatMap((box): GraphBox[] => {
    const place = { ...box, ...moved(box) };
    const { wide, ids = [], rows = 1 } = grids.get(box.id) ?? {};
    if (wide === undefined) return [place];
    const { width, height } = box;
    const head = { ...place, x: place.x + wide / 2, width: width + wide };
    const inside = ids.map((id, at) => ({
      ...{ id, width, height, critical: false },
      x: place.x + Math.floor(at / rows) * (width + GAP),
      y: place.y + ((at % rows) + 1) * (height + GAP),
    }));
    return [head, ...inside];
  });
  return {
    width: picture.width + shift(right, Number.POSITIVE_INFINITY),
    height: picture.height + shift(down, Number.POSITIVE_INFINITY),
    nodes,
    edges: picture.edges.map(({ points, ...edge }) => ({
      ...edge,
      points: points.map((point, at) => {
        if (at === 0) return withBox(point, edge.from, grids.get(edge.from)?.wide);
        return at === points.length - 1 ? withBox(point, edge.to) : moved(point);
      }),
    })),
  };
}

/** How much more room than its box the sessions need. */
function gridOf({ width, height }: GraphBox, ids: readonly string[]) {
  const high = Math.max(LEAST_ROWS, Math.ceil(Math.sqrt(ids.length * ROWS_PER_COLUMN)));
  const columns = Math.ceil(ids.length / high);
  const rows = Math.ceil(ids.length / columns);
  return { ids, rows, wide: (columns - 1) * (width + GAP), high: rows * (height + GAP) };
}

/** Of those at the same place the widest. */
function cutsIn(cuts: readonly Cut[]): readonly Cut[] {
  const widest = new Map<number, number>();
  for (const { at, by } of cuts) widest.set(at, Math.max(by, widest.get(at) ?? 0));
  return [...widest].map(([at, by]) => ({ at, by }));
}

const shift = (cuts: readonly Cut[], place: number): number =>
  cuts.reduce((sum, { at, by }) => (at < place ? sum + by : sum), 0);
