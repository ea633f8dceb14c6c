import { groupChart } from '../../inspect/group-chart.ts';
import type { ChartPicture } from '../api-types.ts';
import type { Layout, LayoutInput } from './layout.ts';

const WIDTH = 120;
const HEIGHT = 44;

/** The statechart that all groups share. */
export async function chartPicture(layOut: (input: LayoutInput) => Promise<Layout>): Promise<ChartPicture> {
  const { mermaid, initial, states, transitions } = groupChart();
  const boxes = states.map(id => ({ id, width: WIDTH, height: HEIGHT }));
  const layout = await layOut({
    direction: 'down',
    nodes: boxes,
    edges: transitions.map(({ from, to, events }) => ({ from, to, label: shortened(events) })),
  });
  return {
    mermaid,
    width: layout.width,
    height: layout.height,
    states: boxes.map((box, index) => ({
      ...box,
      ...(layout.nodes[index] ?? { x: 0, y: 0 }),
      label: box.id,
      ...(box.id === initial ? { initial: true } : {}),
    })),
    transitions: transitions.map(({ from, to, events }, index) => ({
      from,
      to,
      event: events.join(', '),
      points: layout.edges[index] ?? [],
    })),
  };
}

/** The picture truncates longer labels. */
const MAX_CHARACTERS = 24;
const shortened = (events: readonly string[]): string => events.join(', ').slice(0, MAX_CHARACTERS);
