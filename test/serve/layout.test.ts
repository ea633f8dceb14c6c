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
  // The fallback gives each arrow two points: a bent arrow comes from dagre.
  expect(Math.max(...layout.edges.map(points => points.length))).toBeGreaterThan(2);
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
