import type { GraphBox, GraphPicture } from '../../api-types.ts';
import { iconButton } from '../controls/button.ts';
import { attr, el, svg } from '../dom/el.ts';
import { type IconName, icon } from '../dom/icons.ts';
import type { GroupContext, Part } from '../group/part.ts';
import { arrow, roomOf } from './arrow.ts';
import { camera, type Rectangle } from './graph-camera.ts';
import { neighbour } from './graph-keys.ts';
import { type GraphNode, graphNode } from './graph-node.ts';
import { renderVisible } from './render-visible.ts';

/** Below this scale the text in the boxes is unreadable. */
const READABLE = 0.78;
const LOWEST = 150;
const HIGHEST = 460;

export interface GraphPart extends Part {
  /** Marks the selected session. */
  choose(id: string | undefined): void;
}

/** The dependency graph. It is one tab stop; arrow keys move between boxes, Enter opens one. */
export function graphPart({ model, hashOf }: GroupContext): GraphPart {
  const { graph } = model.detail;
  const boxes = new Map(graph.nodes.map(box => [box.id, box]));
  const nodes = new Map<string, GraphNode>();
  /** The box that has the tab stop. */
  let stop = graph.nodes[0]?.id;
  let chosen: string | undefined;
  const update = (id: string) => {
    const session = model.sessions.get(id);
    if (session !== undefined) nodes.get(id)?.update(session, Date.now());
  };
  const nodeOf = (box: GraphBox): GraphNode => {
    let node = nodes.get(box.id);
    if (node === undefined) {
      node = graphNode(box, hashOf(box.id));
      attr(node.node, 'tabindex', box.id === stop ? 0 : -1);
      nodes.set(box.id, node);
    }
    update(box.id);
    return node;
  };

  const lines = svg('g', { class: 'edges', 'aria-hidden': 'true' });
  const shapes = svg('g');
  const showLines = renderVisible(
    lines,
    graph.edges.map(edge => ({ room: roomOf(edge.points), show: () => arrow(edge) })),
  );
  const showShapes = renderVisible(
    shapes,
    graph.nodes.map(box => ({
      room: roomOfBox(box),
      show: () => nodeOf(box).node,
      keep: () => box.id === stop,
    })),
  );
  const label = `Dependencies of ${graph.nodes.length} sessions. Arrow keys move, Enter opens.`;
  const view = svg('svg', { class: 'picture', role: 'group', 'aria-label': label }, lines, shapes);
  view.style.setProperty('height', `${Math.min(HIGHEST, Math.max(LOWEST, graph.height + 32))}px`);
  let sight: Rectangle = { x: 0, y: 0, width: 0, height: 0 };
  const show = (part: Rectangle) => {
    sight = part;
    showLines(part);
    showShapes(part);
  };
  const look = camera(view, graph, READABLE, show);

  const stopAt = (id: string) => {
    if (stop !== undefined) attr(nodes.get(stop)?.node, 'tabindex', -1);
    stop = id;
    show(sight);
    attr(nodes.get(id)?.node, 'tabindex', 0);
  };
  view.addEventListener('keydown', event => {
    const from = stop === undefined ? undefined : boxes.get(stop);
    if (from === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = neighbour(from, graph.nodes, event.key);
    if (next === undefined) return;
    event.preventDefault();
    stopAt(next.id);
    nodes.get(next.id)?.node.focus({ preventScroll: true });
  });
  view.addEventListener('focusin', event => {
    const box = boxes.get((event.target as Element).getAttribute('data-id') ?? '');
    if (box === undefined) return;
    stopAt(box.id);
    if (nodes.get(box.id)?.node.matches(':focus-visible')) look.reveal(roomOfBox(box));
  });

  const tools = el(
    'div',
    { class: 'tools', role: 'group', 'aria-label': 'Zoom' },
    tool('plus', 'Zoom in', () => look.zoom(1.25)),
    tool('dash', 'Zoom out', () => look.zoom(0.8)),
    tool('fit', 'Fit', () => look.whole()),
  );
  const title = el('h2', {}, 'Dependencies');
  return {
    node: el(
      'section',
      { class: 'card graph', 'aria-label': 'Dependencies' },
      title,
      legend(graph),
      tools,
      view,
    ),
    update(changes, ticked) {
      for (const ids of [changes.sessions, ticked]) {
        for (const id of ids) if (nodes.get(id)?.node.isConnected) update(id);
      }
    },
    choose(id) {
      if (chosen !== undefined) attr(nodes.get(chosen)?.node, 'aria-current', undefined);
      chosen = id;
      if (id === undefined || !boxes.has(id)) return;
      stopAt(id);
      attr(nodes.get(id)?.node, 'aria-current', 'true');
    },
  };
}

const roomOfBox = ({ x, y, width, height }: GraphBox): Rectangle => ({
  x: x - width / 2,
  y: y - height / 2,
  width,
  height,
});

function tool(name: IconName, label: string, click: () => void): Element {
  const node = iconButton(name, label, click);
  node.title = label;
  return node;
}

function legend({ nodes, edges }: GraphPicture): Element {
  const parts: Element[] = [];
  if (nodes.some(({ critical }) => critical)) {
    parts.push(el('span', { class: 'key critical' }, icon('flag').node, 'critical path'));
  }
  if (edges.some(({ when }) => when !== 'completed')) {
    parts.push(el('span', { class: 'key conditional' }, 'only if failed or settled'));
  }
  return el('p', { class: 'legend' }, ...parts);
}
