import { describe, expect, it } from 'vitest';
import { SessionGroupDefinition } from '../../src/sdk/group/types.ts';
import { graphPicture } from '../../src/serve/graph/graph-picture.ts';
import { layeredLayout } from '../../src/serve/graph/layered-layout.ts';
import type { LayoutInput } from '../../src/serve/graph/layout.ts';
import { layeredPicture, layersOf } from '../../src/serve/page/graph/graph-layers.ts';
import { unfolded } from '../../src/serve/page/graph/unfold.ts';
import type { GraphBox, GraphPicture } from '../../src/serve/picture-types.ts';

const work = { projectPath: '/work', prompt: 'Work.' };

describe('a graph by its layers', () => {
  const box = (id: string) => ({ id, critical: id === 'a', x: 0, y: 0, width: 1, height: 1 });
  const arrow = (from: string, to: string) =>
    ({ from, to, when: 'completed', critical: false, points: [] }) as const;
  const graph = {
    width: 1,
    height: 1,
    nodes: ['a', 'b', 'c', 'd', 'e'].map(box),
    // d is as far as its longest way.
    edges: [arrow('a', 'b'), arrow('b', 'd'), arrow('a', 'd'), arrow('a', 'c'), arrow('d', 'e')],
  };

  it('has each session one layer behind the last that it depends on', () => {
    expect(layersOf(graph).map(layer => layer.map(({ id }) => id))).toEqual([
      ['a'],
      ['b', 'c'],
      ['d'],
      ['e'],
    ]);
  });

  const closedOnes = { open: new Set<string>(), sessionsOf: ({ id }: { readonly id: string }) => [id] };

  it('is a row of boxes, of which those that are open have their boxes below; none overlap', () => {
    const many = Array.from({ length: 14 }, (_, layer) =>
      Array.from({ length: 30 }, (_, at) => box(`${layer}.${at}`)),
    );
    const closed = layeredPicture(many, closedOnes, 6);
    expect(closed.nodes).toHaveLength(14);
    expect(closed.edges.map(({ from, to }) => `${from} ${to}`)).toContain('layer 6 layer 7');
    const open = new Set(['layer 2', 'layer 14']);
    const { nodes, width, height, layerOf } = layeredPicture(many, { ...closedOnes, open }, 6);
    expect(nodes).toHaveLength(14 + 60);
    expect(layerOf.get('layer 14')).toBe(13);
    expectApart({ nodes, width, height });
  });

  it('has the sessions of an open fan-out behind its box', () => {
    const layer = [box('x'), { ...box('f[*]'), fanOut: 'f' }, box('y')];
    const sessionsOf = ({ id }: { readonly id: string }) => (id === 'f[*]' ? ['f.1', 'f.2'] : [id]);
    const open = new Set(['layer 1', 'f[*]']);
    const { nodes } = layeredPicture([layer], { open, sessionsOf }, 6);
    expect(nodes.map(({ id }) => id)).toEqual(['layer 1', 'x', 'f[*]', 'f.1', 'f.2', 'y']);
  });
});

/** Each box is in the picture, and none is on another. */
function expectApart({ nodes, width, height }: Pick<GraphPicture, 'nodes' | 'width' | 'height'>): void {
  const places = nodes.map(({ x, y, width: w, height: h }) => [x - w / 2, y - h / 2, x + w / 2, y + h / 2]);
  for (const [index, [left = 0, top = 0, right = 0, bottom = 0]] of places.entries()) {
    expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
    expect(right).toBeLessThanOrEqual(width);
    expect(bottom).toBeLessThanOrEqual(height);
    for (const [l = 0, t = 0, r = 0, b = 0] of places.slice(index + 1))
      expect(left < r && l < right && top < b && t < bottom).toBe(false);
  }
}

describe('a graph with fan-outs', () => {
  const sessions = (name: string, count: number) => Array.from({ length: count }, (_, at) => `${name}.${at}`);
  const definition = SessionGroupDefinition.parse({
    version: 1,
    name: 'Fans',
    sessions: [
      { id: 'plan', ...work },
      ...sessions('a', 12).map(id => ({ id, ...work, dependsOn: ['plan'], forEach: { of: 'a', value: id } })),
      ...sessions('b', 30).map(id => ({ id, ...work, dependsOn: ['plan'], forEach: { of: 'b', value: id } })),
      { id: 'single', ...work, forEach: { of: 'c', value: 'x' } },
      { id: 'end', ...work, dependsOn: sessions('a', 12) },
      { id: 'mend', ...work, dependsOn: [{ session: 'b.3', when: 'failed' }] },
    ],
  });
  const layOut = async (input: LayoutInput) => layeredLayout(input);
  const sessionsOf = ({ id, fanOut }: GraphBox) =>
    fanOut === undefined ? [id] : sessions(fanOut, fanOut === 'a' ? 12 : 30);

  it('has one box for each, and one arrow for those of its sessions, if that is asked for', async () => {
    const whole = await graphPicture(definition, layOut);
    expect([whole.nodes.length, whole.edges.length]).toEqual([46, 12 + 30 + 12 + 1]);
    const { nodes, edges } = await graphPicture(definition, layOut, true);
    expect(nodes).toMatchObject([
      { id: 'plan', critical: true },
      { id: 'a[*]', fanOut: 'a', critical: true },
      { id: 'b[*]', fanOut: 'b', critical: false },
      { id: 'single' },
      { id: 'end', critical: true },
      { id: 'mend', critical: false },
    ]);
    expect(edges).toMatchObject([
      { from: 'plan', to: 'a[*]', when: 'completed', critical: true },
      { from: 'plan', to: 'b[*]', critical: false },
      { from: 'a[*]', to: 'end', critical: true },
      { from: 'b[*]', to: 'mend', when: 'failed' },
    ]);
  });

  it('unfolds them in place: nothing is on anything else, and arrows still lead from box to box', async () => {
    const folded = await graphPicture(definition, layOut, true);
    expect(unfolded(folded, { open: new Set(), sessionsOf })).toBe(folded);
    for (const open of [['a[*]'], ['b[*]'], ['a[*]', 'b[*]']]) {
      const picture = unfolded(folded, { open: new Set(open), sessionsOf });
      expectApart(picture);
      const boxes = new Map(picture.nodes.map(box => [box.id, box]));
      expect(boxes.size).toBe(6 + (open.includes('a[*]') ? 12 : 0) + (open.includes('b[*]') ? 30 : 0));
      for (const { from, to, points } of picture.edges)
        for (const [id, point] of [[from, points[0]] as const, [to, points.at(-1)] as const]) {
          const { x = 0, y = 0, width = 0, height = 0 } = boxes.get(id) ?? {};
          expect(Math.abs((point?.x ?? 0) - x)).toBeCloseTo(width / 2);
          expect(Math.abs((point?.y ?? 0) - y)).toBeLessThanOrEqual(height / 2);
        }
    }
  });
});
