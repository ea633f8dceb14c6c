import { type GroupChartState, groupChart } from '../../inspect/group-chart.ts';
import type { ChartPicture, ChartStateView } from '../picture-types.ts';
import type { Layout, LayoutInput } from './layout.ts';

const WIDTH = 120;
const HEIGHT = 44;
/** Around the states that one is made of, and above them for its name. */
const PADDING = 10;
const HEADING = 18;

/** The statechart that all groups share. */
export async function chartPicture(layOut: (input: LayoutInput) => Promise<Layout>): Promise<ChartPicture> {
  const { mermaid, states, transitions } = groupChart();
  const boxes = states.filter(({ isCompound }) => !isCompound).map(toBox);
  const layout = await layOut({
    direction: 'down',
    nodes: boxes,
    edges: transitions.map(({ from, to, events }) => ({ from, to, label: shortened(events) })),
    clusters: states.filter(({ isCompound }) => isCompound).map(withParent),
  });
  const placed = new Map<string, Box>(
    boxes.map(({ id, width, height }, index) => [
      id,
      { width, height, ...(layout.nodes[index] ?? { x: 0, y: 0 }) },
    ]),
  );
  // Those inside are placed before what they are in.
  for (const { id, isCompound } of [...states].reverse()) {
    const inside = states.filter(({ parent }) => parent === id).flatMap(child => placed.get(child.id) ?? []);
    if (isCompound) placed.set(id, around(inside));
  }
  return {
    mermaid,
    width: layout.width,
    height: layout.height,
    states: states.map(
      (state): ChartStateView => ({
        ...withParent(state),
        label: state.label,
        ...(state.initial ? { initial: true } : {}),
        ...(placed.get(state.id) ?? around([])),
      }),
    ),
    transitions: transitions.map(({ from, to, events }, index) => ({
      from,
      to,
      event: events.join(', '),
      points: layout.edges[index] ?? [],
    })),
  };
}

type Box = Pick<ChartStateView, 'x' | 'y' | 'width' | 'height'>;

const withParent = ({ id, parent }: GroupChartState) => ({ id, ...(parent === undefined ? {} : { parent }) });

const toBox = (state: GroupChartState) => ({ ...withParent(state), width: WIDTH, height: HEIGHT });

function around(boxes: readonly Box[]): Box {
  const left = Math.min(...boxes.map(({ x, width }) => x - width / 2)) - PADDING;
  const right = Math.max(...boxes.map(({ x, width }) => x + width / 2)) + PADDING;
  const top = Math.min(...boxes.map(({ y, height }) => y - height / 2)) - PADDING - HEADING;
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height / 2)) + PADDING;
  return { x: (left + right) / 2, y: (top + bottom) / 2, width: right - left, height: bottom - top };
}

/** Long lists are cut in the picture. */
const MOST_LETTERS = 24;
const shortened = (events: readonly string[]): string => events.join(', ').slice(0, MOST_LETTERS);
