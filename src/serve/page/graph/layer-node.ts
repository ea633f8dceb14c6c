import { counted } from '../../../sdk/format.ts';
import { fanOutStatus, fanOutWords } from '../../../words/fan-outs.ts';
import { SESSION_MARKS } from '../../../words/marks.ts';
import type { GraphBox } from '../../picture-types.ts';
import { attr, svg, text } from '../dom/el.ts';
import { icon } from '../dom/icons.ts';
import type { ShownSession } from '../model/shown-session.ts';
import { cut, ID_CHARACTER, WORD_CHARACTER } from './graph-node.ts';

/** Several sessions in the graph, a fan-out or a layer: a button that shows or hides them. */
export interface LayerNode {
  readonly node: SVGGElement;
  update(sessions: readonly ShownSession[]): void;
}

/** @param name of a fan-out. Default: they are counted. */
export function layerNode(
  { id, critical, ...box }: GraphBox,
  { name, open, toggle }: { readonly name?: string | undefined; readonly open: boolean; toggle(): void },
): LayerNode {
  const { width, height } = box;
  const sign = icon('circle');
  attr(sign.node, 'x', 10);
  attr(sign.node, 'y', height / 2 - 19);
  const heading = svg('text', { class: 'node-id', x: 32, y: height / 2 - 6 });
  const words = svg('text', { class: 'node-words', x: 10, y: height / 2 + 15 });
  const title = svg('title');
  const node = svg(
    'g',
    {
      class: critical ? 'node layer critical' : 'node layer',
      transform: `translate(${box.x - width / 2} ${box.y - height / 2})`,
      role: 'button',
      tabindex: -1,
      'data-id': id,
      'aria-expanded': String(open),
      click: toggle,
      keydown: event => {
        if (!(event instanceof KeyboardEvent) || (event.key !== 'Enter' && event.key !== ' ')) return;
        event.preventDefault();
        toggle();
      },
    },
    title,
    svg('rect', { width, height, rx: 7 }),
    sign.node,
    heading,
    words,
  );
  return {
    node,
    update(sessions) {
      const mark = SESSION_MARKS[fanOutStatus(sessions)];
      const said = fanOutWords(sessions);
      sign.set(mark.icon);
      attr(node, 'data-tone', mark.tone);
      const count = counted(sessions.length, 'session');
      text(heading, cut(`${open ? '−' : '+'} ${name ?? count}`, (width - 42) / ID_CHARACTER));
      text(words, cut(said, (width - 20) / WORD_CHARACTER));
      text(title, `${name ?? id}: ${count}, ${said}`);
    },
  };
}
