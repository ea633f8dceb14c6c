import { counted } from '../../../sdk/format.ts';
import { fanOutStatus, fanOutWords } from '../../../words/fan-outs.ts';
import { SESSION_MARKS } from '../../../words/marks.ts';
import type { GraphBox } from '../../api-types.ts';
import { attr, svg, text } from '../dom/el.ts';
import { icon } from '../dom/icons.ts';
import type { ShownSession } from '../model/shown-session.ts';

/** A layer of sessions in the graph: a button that shows or hides them. */
export interface LayerNode {
  readonly node: SVGGElement;
  update(sessions: readonly ShownSession[]): void;
}

export function layerNode({ id, critical, ...box }: GraphBox, open: boolean, toggle: () => void): LayerNode {
  const { width, height } = box;
  const sign = icon('circle');
  attr(sign.node, 'x', 10);
  attr(sign.node, 'y', height / 2 - 19);
  const name = svg('text', { class: 'node-id', x: 32, y: height / 2 - 6 });
  const words = svg('text', { class: 'node-words', x: 10, y: height / 2 + 15 });
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
    svg('rect', { width, height, rx: 7 }),
    sign.node,
    name,
    words,
  );
  return {
    node,
    update(sessions) {
      const mark = SESSION_MARKS[fanOutStatus(sessions)];
      const said = fanOutWords(sessions);
      sign.set(mark.icon);
      attr(node, 'data-tone', mark.tone);
      text(name, `${open ? '−' : '+'} ${counted(sessions.length, 'session')}`);
      text(words, said.length > 28 ? `${said.slice(0, 27)}…` : said);
      attr(node, 'aria-label', `${id}: ${counted(sessions.length, 'session')}, ${said}`);
    },
  };
}
