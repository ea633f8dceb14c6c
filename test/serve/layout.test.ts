// @module-tag processes
import { expect, test } from 'vitest';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { layouts } from '../../src/serve/graph/lay-out.ts';
import { layeredLayout } from '../../src/serve/graph/layered-layout.ts';
import type { Layout, LayoutInput } from '../../src/serve/graph/layout.ts';

const WIDTH = 100;
const HEIGHT = 40;

/** Layers of `width` nodes, each of which depends on one or two nodes of the previous layer. */
function layered(count: number, width: number): LayoutInput {
  const nodes = Array.from({ length: count }, (_, at) => ({ id: `s${at}`, width: WIDTH, height: HEIGHT }));
  const edges = nodes.slice(width).flatMap((node, at) => {
    const layer = Math.floor(at / width) * width;
    const before = [...new Set([at % width, (at * 7) % width])];
    return before.map(offset => ({ from: `s${layer + offset}`, to: node.id }));
  });
  return { direction: 'right', nodes, edges };
}

/** Everything is inside, nothing overlaps, and arrows point forward. */
function check({ nodes, edges, width, height }: Layout, input: LayoutInput): void {
  expect(nodes).toHaveLength(input.nodes.length);
  expect(edges).toHaveLength(input.edges.length);
  const byColumn = new Map<number, number[]>();
  for (const { x, y } of nodes) {
    expect(x - WIDTH / 2).toBeGreaterThanOrEqual(0);
    expect(x + WIDTH / 2).toBeLessThanOrEqual(width);
    expect(y - HEIGHT / 2).toBeGreaterThanOrEqual(0);
    expect(y + HEIGHT / 2).toBeLessThanOrEqual(height);
    byColumn.set(x, [...(byColumn.get(x) ?? []), y]);
  }
  for (const column of byColumn.values()) {
    column.sort((a, b) => a - b);
    for (const [at, y] of column.entries()) {
      if (at > 0) expect(y - (column[at - 1] ?? 0)).toBeGreaterThanOrEqual(HEIGHT);
    }
  }
  const columns = [...byColumn.keys()].sort((a, b) => a - b);
  for (const [at, x] of columns.entries()) {
    if (at > 0) expect(x - (columns[at - 1] ?? 0)).toBeGreaterThanOrEqual(WIDTH);
  }
  for (const points of edges) {
    expect(points.length).toBeGreaterThan(1);
    expect(points[0]?.x).toBeLessThan(points.at(-1)?.x ?? 0);
  }
}

/* The clock stands still, so that dagre never times out on a busy machine. */

test('a small group is laid out by dagre, in a process of its own', async () => {
  const input = layered(20, 4);
  const layout = await layouts(new SimulatedClock())(input);
  check(layout, input);
  expect(layout).not.toEqual(layeredLayout(input));
});

test.each([
  ['with one before and one after them', ['first'], ['last']],
  ['with one after them', [], ['last']],
  ['with one before them', ['first'], []],
])('sessions that are free to be anywhere in a layer stand in their order, %s', async (_, before, after) => {
  const all = ['a', 'b', 'c', 'd'];
  const nodes = [...before, ...all, ...after].map(id => ({ id, width: WIDTH, height: HEIGHT }));
  const edges = all.flatMap(id => [
    ...before.map(from => ({ from, to: id })),
    ...after.map(to => ({ from: id, to })),
  ]);
  const input: LayoutInput = { direction: 'right', nodes, edges };
  const layout = await layouts(new SimulatedClock())(input);
  check(layout, input);
  const heights = all.map(id => layout.nodes[nodes.findIndex(node => node.id === id)]?.y ?? 0);
  expect(heights).toEqual(heights.toSorted((one, other) => one - other));
  // Arrows have turned with their boxes.
  edges.forEach(({ from, to }, index) => {
    const ends = [layout.edges[index]?.[0], layout.edges[index]?.at(-1)].map(point => point?.y ?? Number.NaN);
    [from, to].forEach((id, end) => {
      const centre = layout.nodes[nodes.findIndex(node => node.id === id)]?.y ?? 0;
      expect(Math.abs((ends[end] ?? 0) - centre)).toBeLessThanOrEqual(HEIGHT / 2);
    });
  });
});

test('lines leave a box at its right side and meet one at its left, so that none runs behind another box', async () => {
  const [ids, width] = [['docs', 'lib', 'gateway', 'web', 'mobile'], 196];
  const input: LayoutInput = {
    direction: 'right',
    nodes: ids.map(id => ({ id, width, height: 52 })),
    edges: ids.slice(2).map(to => ({ from: 'lib', to })),
  };
  const { nodes, edges } = await layouts(new SimulatedClock())(input);
  const placeOf = (id: string) => nodes[ids.indexOf(id)];
  const lib = placeOf('lib');
  edges.forEach((points, index) => {
    const to = placeOf(input.edges[index]?.to ?? '');
    expect(points[0]).toEqual({ x: (lib?.x ?? 0) + width / 2, y: lib?.y });
    expect(points.at(-1)).toEqual({ x: (to?.x ?? 0) - width / 2, y: to?.y });
  });
});

test('each graph is laid out once', async () => {
  const layOut = layouts(new SimulatedClock());
  const input = layered(6, 2);
  const first = layOut(input);
  expect(layOut({ ...input })).toBe(first);
  expect(layOut({ ...input, direction: 'down' })).not.toBe(first);
  await first;
});

test('one that took too long is laid out anew when it is next asked for, three times at most', async () => {
  const clock = new SimulatedClock();
  const layOut = layouts(clock);
  const input = layered(6, 2);
  const poor = layOut(input);
  clock.advance(3_000);
  expect(await poor).toEqual(layeredLayout(input));
  const second = layOut(input);
  expect(second).not.toBe(poor);
  expect(layOut(input)).toBe(second);
  expect(await second).not.toEqual(layeredLayout(input));
  expect(layOut(input)).toBe(second);

  const slow = layered(6, 3);
  const tries = [];
  for (let n = 0; n < 4; n += 1) {
    tries.push(layOut(slow));
    clock.advance(3_000);
    await tries.at(-1);
  }
  expect(new Set(tries).size).toBe(3);
});

test.each([
  [1, 1],
  [40, 40],
  [400, 20],
  [10_000, 30],
])('a group of %i sessions, %i in a layer, gets a simpler layout at once', (count, width) => {
  const input = layered(count, width);
  check(layeredLayout(input), input);
});

/** `count` sessions, with one before all of them, one after them, and one that both are before, if that is asked for. */
function crowd(count: number, { between = false } = {}): LayoutInput {
  const all = Array.from({ length: count }, (_, at) => `s${at}`);
  const ends = between ? ['first', 'last'] : [];
  const nodes = ['first', ...all, 'last'].filter(id => id.startsWith('s') || ends.includes(id));
  const edges = all.flatMap(id => [
    { from: 'first', to: id },
    { from: id, to: 'last' },
  ]);
  return {
    direction: 'right',
    nodes: nodes.map(id => ({ id, width: WIDTH, height: HEIGHT })),
    edges: between ? [...edges, { from: 'first', to: 'last' }] : [],
  };
}

/** Whether a straight line between two points meets a box that is `width` by `height` around its centre. */
function meets(
  from: { x: number; y: number },
  to: { x: number; y: number },
  box: { x: number; y: number },
): boolean {
  const steps = 50;
  return Array.from({ length: steps + 1 }, (_, step) => ({
    x: from.x + ((to.x - from.x) * step) / steps,
    y: from.y + ((to.y - from.y) * step) / steps,
  })).some(({ x, y }) => Math.abs(x - box.x) < WIDTH / 2 && Math.abs(y - box.y) < HEIGHT / 2);
}

test.each([
  [12, false, 1],
  [30, false, 0.9],
  [200, false, 0.5],
  [12, true, 0.9],
  [30, true, 0.8],
])(
  '%i sessions beside each other are no tall column (with one before and one after them: %s), and are seen at %d of their size',
  async (count, between, least) => {
    const input = crowd(count, { between });
    const layout = await layouts(new SimulatedClock())(input);
    check(layout, input);
    // At the size that the view of the page gives it.
    const scale = Math.min(1_240 / layout.width, 460 / layout.height);
    expect(scale).toBeGreaterThanOrEqual(least);
    // In the order of the definition: down each column.
    const middle = layout.nodes.filter((_, at) => input.nodes[at]?.id.startsWith('s'));
    const inPlace = middle.toSorted((one, other) => one.x - other.x || one.y - other.y);
    expect(middle).toEqual(inPlace);
    // Lines run between the boxes.
    layout.edges.forEach((points, index) => {
      const ends = [input.edges[index]?.from, input.edges[index]?.to];
      const others = layout.nodes.filter((_, at) => !ends.includes(input.nodes[at]?.id));
      points.slice(1).forEach((to, at) => {
        const from = points[at];
        if (from) expect(others.filter(box => meets(from, to, box))).toEqual([]);
      });
    });
  },
);

test('lanes stay lanes: more columns would make them smaller', async () => {
  const input = layered(60, 10);
  const { nodes } = await layouts(new SimulatedClock())(input);
  expect(new Set(nodes.map(({ x }) => x)).size).toBe(6);
});

test('a layer of ten thousand wraps into columns', () => {
  const { width, height } = layeredLayout(layered(10_000, 10_000));
  expect(Math.max(width, height) / Math.min(width, height)).toBeLessThan(10);
});

test('from top to bottom it is the same layout, rotated', () => {
  const input = layered(30, 5);
  const right = layeredLayout({ ...input, nodes: input.nodes.map(node => ({ ...node, height: WIDTH })) });
  const down = layeredLayout({
    ...input,
    direction: 'down',
    nodes: input.nodes.map(node => ({ ...node, height: WIDTH })),
  });
  expect(down.nodes).toEqual(right.nodes.map(({ x, y }) => ({ x: y, y: x })));
});

test('a graph that dagre cannot lay out gets the simpler layout', async () => {
  const input = layered(2_000, 50);
  check(await layouts(new SimulatedClock())(input), input);
});
