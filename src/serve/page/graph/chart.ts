import type { ChartPicture, ChartTransitionView } from '../../picture-types.ts';
import { attr, el, svg, text } from '../dom/el.ts';
import type { GroupContext, Part } from '../group/part.ts';
import type { GroupModel } from '../model/group-model.ts';
import { curve, head } from './arrow.ts';
import { camera } from './graph-camera.ts';

/** The statechart of all groups, with this group's state highlighted. Loaded when first shown. */
export function statechart({ api, model }: GroupContext): Part & { shown(): void } {
  const place = el('div', { class: 'chart' }, el('p', { class: 'empty' }, 'Loading…'));
  let asked = false;
  let mark: (() => void) | undefined;
  const load = async () => {
    try {
      const picture = await api.get<ChartPicture>('/chart');
      mark = draw(place, picture, model);
      mark();
    } catch {
      asked = false;
      place.replaceChildren(
        el('p', { class: 'empty' }, 'Could not load the chart. Reopen this tab to try again.'),
      );
    }
  };
  return {
    node: place,
    update: () => mark?.(),
    shown() {
      if (!asked) {
        asked = true;
        void load();
      }
    },
  };
}

/** Draws it; returns a function that highlights the current state. */
function draw(place: Element, picture: ChartPicture, model: GroupModel): () => void {
  const compounds = new Set(picture.states.flatMap(({ parent }) => parent ?? []));
  const states = new Map(
    picture.states.map(({ id, label, x, y, width, height }) => {
      const isCompound = compounds.has(id);
      const words = svg('text', { x, y: isCompound ? y - height / 2 + 16 : y + 4.5 });
      text(words, label);
      const box = svg('rect', { x: x - width / 2, y: y - height / 2, width, height, rx: 9 });
      return [id, svg('g', { class: isCompound ? 'compound' : 'state', 'data-id': id }, box, words)] as const;
    }),
  );
  const parents = new Map(picture.states.map(({ id, parent }) => [id, parent]));
  const arrows = picture.transitions.map(transition => [transition.from, arrow(transition)] as const);
  const view = svg(
    'svg',
    { class: 'picture', role: 'img' },
    ...[...states].flatMap(([id, node]) => (compounds.has(id) ? [node] : [])),
    ...arrows.map(([, node]) => node),
    ...[...states].flatMap(([id, node]) => (compounds.has(id) ? [] : [node])),
  );
  // On a narrow screen it keeps its readable width and scrolls.
  view.style.setProperty('min-width', `${Math.min(560, picture.width + 32)}px`);
  view.style.setProperty('height', `${Math.min(620, picture.height + 32)}px`);
  const room = el('div', { class: 'room', tabindex: 0, role: 'region', 'aria-label': 'Statechart' }, view);
  const now = el('p', { class: 'legend' });
  const ways = el('ul', { class: 'ways' });
  place.replaceChildren(now, room, ways);
  camera(view, picture, 0.3);

  let marked: string | undefined;
  return () => {
    const wanted = model.totals.status;
    text(now, standingWords(model));
    if (wanted === marked) return;
    marked = wanted;
    const path = new Set<string>();
    for (let id: string | undefined = wanted; id !== undefined; id = parents.get(id)) path.add(id);
    for (const [id, node] of states) attr(node, 'data-active', path.has(id) ? 'true' : undefined);
    for (const [from, node] of arrows) attr(node, 'data-active', from === wanted ? 'true' : undefined);
    attr(view, 'aria-label', `Statechart of a group; the current state is ${wanted}`);
    const from = picture.transitions.filter(transition => transition.from === wanted);
    ways.replaceChildren(
      ...from.map(({ event, to }) => el('li', {}, el('code', {}, event), ' leads to ', el('strong', {}, to))),
    );
  };
}

function standingWords({ shown, totals: { status } }: GroupModel): string {
  if (shown === 'interrupted') return 'The process that ran the group has died; resuming takes it up again.';
  return `The group is ${status}${shown === 'suspended' ? ', and its process is suspended' : ''}.`;
}

function arrow({ points, event }: ChartTransitionView): SVGGElement {
  const node = svg('g', { class: 'way' }, svg('path', { d: curve(points) }));
  const [end, before] = [points.at(-1), points.at(-2)];
  if (end !== undefined && before !== undefined)
    node.append(svg('path', { class: 'head', d: head(before, end) }));
  const middle = points[Math.floor(points.length / 2)];
  if (middle !== undefined) {
    const words = svg('text', { x: middle.x, y: middle.y + 3.5 });
    text(words, event.length > 24 ? `${event.slice(0, 23)}…` : event);
    const title = svg('title');
    text(title, event);
    words.append(title);
    node.append(words);
  }
  return node;
}
