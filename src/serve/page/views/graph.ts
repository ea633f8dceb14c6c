import type { GraphArrow, Point } from '../../api-types.ts';
import { attr, el, svg } from '../dom/el.ts';
import { type IconName, icon } from '../dom/icons.ts';
import { camera } from './graph-camera.ts';
import { neighbour } from './graph-keys.ts';
import { type GraphNode, graphNode } from './graph-node.ts';
import type { GroupContext, Part } from './part.ts';

/** Below this the words in the boxes cannot be read. */
const READABLE = 0.78;
const LOWEST = 150;
const HIGHEST = 460;

/** The dependencies as a picture. One stop of the tab key; the arrow keys go from box to box, Enter opens one. */
export function graphPart({ model, hashOf }: GroupContext): Part & { choose(id: string | undefined): void } {
  const { graph } = model.detail;
  const nodes = new Map<string, GraphNode>();
  for (const box of graph.nodes) nodes.set(box.id, graphNode(box, hashOf(box.id)));
  const view = svg(
    'svg',
    {
      class: 'picture',
      role: 'group',
      'aria-label': `Dependencies of ${graph.nodes.length} sessions. Arrow keys move, Enter opens.`,
    },
    svg('g', { class: 'edges', 'aria-hidden': 'true' }, ...graph.edges.map(arrow)),
    svg('g', {}, ...[...nodes.values()].map(({ node }) => node)),
  );
  const height = Math.min(HIGHEST, Math.max(LOWEST, graph.height + 32));
  view.style.setProperty('height', `${height}px`);
  const look = camera(view, graph, READABLE);

  const first = graph.nodes[0];
  let stop = first === undefined ? undefined : nodes.get(first.id);
  const stopAt = (next: GraphNode | undefined) => {
    if (stop !== undefined) attr(stop.node, 'tabindex', -1);
    stop = next;
    if (stop !== undefined) attr(stop.node, 'tabindex', 0);
  };
  stopAt(stop);
  view.addEventListener('keydown', event => {
    if (stop === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = neighbour(stop.box, graph.nodes, event.key);
    if (next === undefined) return;
    event.preventDefault();
    stopAt(nodes.get(next.id));
    stop.node.focus({ preventScroll: true });
  });
  view.addEventListener('focusin', event => {
    const id = (event.target as Element).getAttribute('data-id') ?? '';
    const node = nodes.get(id);
    if (node === undefined) return;
    stopAt(node);
    const { x, y, width, height } = node.box;
    if (node.node.matches(':focus-visible')) {
      look.reveal({ x: x - width / 2, y: y - height / 2, width, height });
    }
  });

  let chosen: GraphNode | undefined;
  const draw = (ids: Iterable<string>) => {
    const now = Date.now();
    for (const id of ids) {
      const session = model.sessions.get(id);
      if (session !== undefined) nodes.get(id)?.update(session, now);
    }
  };
  draw(nodes.keys());

  const tools = el(
    'div',
    { class: 'tools', role: 'group', 'aria-label': 'Zoom' },
    tool('plus', 'Zoom in', () => look.zoom(1.25)),
    tool('dash', 'Zoom out', () => look.zoom(0.8)),
    tool('fit', 'Fit', () => look.whole()),
  );
  const node = el(
    'section',
    { class: 'card graph', 'aria-label': 'Dependencies' },
    el('h2', {}, 'Dependencies'),
    legend(graph.edges),
    tools,
    view,
  );
  return {
    node,
    update(changes, ticked) {
      draw(changes.sessions);
      draw(ticked);
    },
    choose(id) {
      if (chosen !== undefined) attr(chosen.node, 'aria-current', undefined);
      chosen = id === undefined ? undefined : nodes.get(id);
      if (chosen !== undefined) attr(chosen.node, 'aria-current', 'true');
    },
  };
}

function tool(name: IconName, label: string, click: () => void): Element {
  return el(
    'button',
    { type: 'button', class: 'quiet', 'aria-label': label, title: label, click },
    icon(name).node,
  );
}

function arrow({ points, critical, when }: GraphArrow): Element {
  const kind = `edge${critical ? ' critical' : ''}${when === 'completed' ? '' : ' conditional'}`;
  const end = points.at(-1);
  const before = points.at(-2);
  const group = svg('g', { class: kind }, svg('path', { d: curve(points) }));
  if (end !== undefined && before !== undefined)
    group.append(svg('path', { class: 'head', d: head(before, end) }));
  const middle = points[Math.floor(points.length / 2)];
  if (when !== 'completed' && middle !== undefined) {
    group.append(svg('text', { x: middle.x, y: middle.y - 5 }, `if ${when}`));
  }
  return group;
}

/** A line through the points, bent softly at those between its ends. */
export function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const parts = [`M${at(first)}`];
  rest.forEach((point, index) => {
    const next = rest[index + 1];
    if (next === undefined) parts.push(`L${at(point)}`);
    else parts.push(`Q${at(point)} ${at({ x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 })}`);
  });
  return parts.join('');
}

/** The tip of an arrow that comes from `before`. */
export function head(before: Point, end: Point): string {
  const angle = Math.atan2(end.y - before.y, end.x - before.x);
  const wing = (turn: number): Point => ({
    x: end.x - 8 * Math.cos(angle + turn),
    y: end.y - 8 * Math.sin(angle + turn),
  });
  return `M${at(end)}L${at(wing(0.42))}L${at(wing(-0.42))}Z`;
}

const at = ({ x, y }: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`;

function legend(edges: readonly GraphArrow[]): Element {
  const parts = [el('span', { class: 'key critical' }, icon('flag').node, 'critical path')];
  if (edges.some(({ when }) => when !== 'completed')) {
    parts.push(el('span', { class: 'key conditional' }, 'only if failed or settled'));
  }
  return el('p', { class: 'legend' }, ...parts);
}
