import type { GraphBox, GraphPicture } from '../../picture-types.ts';
import { iconButton } from '../controls/button.ts';
import { attr, el, svg, visible } from '../dom/el.ts';
import { type IconName, icon } from '../dom/icons.ts';
import type { GroupContext, Part } from '../group/part.ts';
import { arrow, roomOf } from './arrow.ts';
import { camera, type Rectangle } from './graph-camera.ts';
import { neighbour } from './graph-keys.ts';
import { type LayeredPicture, layeredPicture, layerId, layersOf, MANY_BOXES } from './graph-layers.ts';
import { type GraphNode, graphNode } from './graph-node.ts';
import { type LayerNode, layerNode } from './layer-node.ts';
import { renderVisible } from './render-visible.ts';
import { unfolded } from './unfold.ts';

/** At opening, a picture that would be smaller than this shows its beginning. */
const READABLE = 0.25;
const LOWEST = 150;
const HIGHEST = 460;

export interface GraphPart extends Part {
  /** Marks the selected session. */
  choose(id: string | undefined): void;
}

/**
 * The dependency graph, fitted at opening, with a box for each fan-out, which unfolds; of many boxes its layers, each of which
 * opens. It is one tab stop; arrow keys move between boxes, Enter opens one.
 */
export function graphPart({ model, hashOf }: GroupContext): GraphPart {
  const { graph } = model.detail;
  const layers = graph.nodes.length > MANY_BOXES ? layersOf(graph) : undefined;
  const members = new Map(graph.nodes.map(({ fanOut }) => [fanOut, [] as string[]]));
  for (const { id, forEach } of model.sessions.values()) if (forEach) members.get(forEach.of)?.push(id);
  const sessionsOf = ({ id, fanOut }: GraphBox) =>
    fanOut === undefined ? [id] : (members.get(fanOut) ?? []);
  /** The box of each session, folded, and the layer of that. */
  const boxOfSession = new Map(graph.nodes.flatMap(box => sessionsOf(box).map(id => [id, box.id] as const)));
  const layerOfBox = new Map(layers?.flatMap((all, at) => all.map(({ id }) => [id, layerId(at)] as const)));
  /** The boxes that show what they stand for. */
  const open = new Set<string>();
  const narrow = matchMedia('(max-width: 560px)');
  let whole = layers === undefined;
  let picture: GraphPicture & Partial<LayeredPicture> = graph;
  const boxes = new Map<string, GraphBox>();
  const nodes = new Map<string, GraphNode | LayerNode>();
  /** The box that has the tab stop. */
  let stop: string | undefined;
  let chosen: string | undefined;
  const update = (id: string) => {
    const [box, node] = [boxes.get(id), nodes.get(id)];
    if (box !== undefined && node?.node.isConnected) draw(box, node);
  };
  const draw = (box: GraphBox, node: GraphNode | LayerNode) => {
    if ('box' in node) {
      const session = model.sessions.get(box.id);
      if (session !== undefined) node.update(session, Date.now());
      return;
    }
    const layer = picture.layerOf?.get(box.id);
    const all = layer === undefined ? [box] : (layers?.[layer] ?? []);
    node.update(all.flatMap(sessionsOf).flatMap(id => model.sessions.get(id) ?? []));
  };
  /** The box in which a session is seen. */
  const shownIn = (id: string | undefined) => (id === undefined || boxes.has(id) ? id : boxOfSession.get(id));
  const nameOf = (id: string): string => {
    const of = model.sessions.get(id)?.forEach?.of ?? '';
    return members.has(of) && id.startsWith(of) ? id.slice(of.length).replace(/^[._-]/, '') : id;
  };
  const nodeOf = (box: GraphBox): Element => {
    const { id, fanOut } = box;
    let node = nodes.get(id);
    if (node === undefined) {
      node =
        fanOut === undefined && picture.layerOf?.get(id) === undefined
          ? graphNode(box, nameOf(id), hashOf(id), model.detail.rehearsal !== true)
          : layerNode(box, { name: fanOut, open: open.has(id), toggle: () => fold(id, true) });
      attr(node.node, 'tabindex', id === stop ? 0 : -1);
      attr(node.node, 'aria-current', id === shownIn(chosen) ? 'true' : undefined);
      nodes.set(id, node);
    }
    draw(box, node);
    return node.node;
  };

  const lines = svg('g', { class: 'edges', 'aria-hidden': 'true' });
  const shapes = svg('g');
  let showLines: (part: Rectangle) => void = () => {};
  let showShapes: (part: Rectangle) => void = () => {};
  const arrange = () => {
    const unfolding = { open, sessionsOf };
    picture =
      whole || layers === undefined
        ? unfolded(graph, unfolding)
        : layeredPicture(layers, unfolding, narrow.matches ? 2 : 6);
    boxes.clear();
    nodes.clear();
    for (const box of picture.nodes) boxes.set(box.id, box);
    if (stop === undefined || !boxes.has(stop)) stop = picture.nodes[0]?.id;
    lines.replaceChildren();
    shapes.replaceChildren();
    showLines = renderVisible(
      lines,
      picture.edges.map(edge => ({ room: roomOf(edge.points), show: () => arrow(edge) })),
    );
    showShapes = renderVisible(
      shapes,
      picture.nodes.map(box => ({
        room: roomOfBox(box),
        show: () => nodeOf(box),
        keep: () => box.id === stop,
      })),
    );
    // As high as the picture is, fitted to the width.
    const { width, height } = picture;
    view.style.setProperty('aspect-ratio', `${width + 32} / ${height + 32}`);
    view.style.setProperty('max-height', `${Math.min(HIGHEST, Math.max(LOWEST, height + 32))}px`);
  };
  const label = `Dependencies of ${model.sessions.size} sessions. Arrow keys move, Enter opens.`;
  const view = svg('svg', { class: 'picture', role: 'group', 'aria-label': label }, lines, shapes);
  let sight: Rectangle = { x: 0, y: 0, width: 0, height: 0 };
  const show = (part: Rectangle) => {
    sight = part;
    showLines(part);
    showShapes(part);
  };
  view.style.setProperty('min-height', `${LOWEST}px`);
  arrange();
  const size = {
    get width() {
      return picture.width;
    },
    get height() {
      return picture.height;
    },
  };
  const look = camera(view, size, READABLE, show);
  const fold = (id: string, focus = false) => {
    if (!open.delete(id)) open.add(id);
    arrange();
    look.opening();
    if (!focus) return;
    stopAt(id);
    nodes.get(id)?.node.focus({ preventScroll: true });
  };

  const stopAt = (id: string) => {
    if (stop !== undefined) attr(nodes.get(stop)?.node, 'tabindex', -1);
    stop = id;
    show(sight);
    attr(nodes.get(id)?.node, 'tabindex', 0);
  };
  view.addEventListener('keydown', event => {
    const from = stop === undefined ? undefined : boxes.get(stop);
    if (from === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = neighbour(from, picture.nodes, event.key);
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
  const all = el('button', { type: 'button', class: 'quiet', click: () => expand() }, 'Show whole graph');
  const expand = () => {
    whole = !whole;
    all.textContent = whole ? 'Show layers' : 'Show whole graph';
    arrange();
    look.opening();
  };
  visible(all, layers !== undefined);

  const tools = el(
    'div',
    { class: 'tools', role: 'group', 'aria-label': 'Zoom' },
    all,
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
      const folded = new Set<string>();
      for (const id of [...changes.sessions, ...ticked]) {
        update(id);
        const box = boxOfSession.get(id) ?? id;
        for (const one of [box, layerOfBox.get(box)]) if (one !== undefined && one !== id) folded.add(one);
      }
      for (const id of folded) update(id);
    },
    choose(id) {
      attr(nodes.get(shownIn(chosen) ?? '')?.node, 'aria-current', undefined);
      chosen = id;
      const box = boxOfSession.get(id ?? '') ?? '';
      const layer = layerOfBox.get(box);
      if (!whole && layer !== undefined && !open.has(layer)) fold(layer);
      const shown = shownIn(id);
      if (shown === undefined || !boxes.has(shown)) return;
      stopAt(shown);
      attr(nodes.get(shown)?.node, 'aria-current', 'true');
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
