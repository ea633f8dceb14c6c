import { SESSION_MARKS } from '../../../words/marks.ts';
import { currentToolWords } from '../../../words/transcript.ts';
import type { GraphBox } from '../../picture-types.ts';
import { attr, svg, text } from '../dom/el.ts';
import { icon } from '../dom/icons.ts';
import { costWords, stateWords } from '../model/session-words.ts';
import type { ShownSession } from '../model/shown-session.ts';

/** A session in the graph: a link to its panel. */
export interface GraphNode {
  readonly node: SVGAElement;
  readonly box: GraphBox;
  update(session: ShownSession, now: number): void;
}

const PADDING = 10;
/** Character widths of the two text sizes. */
export const ID_CHARACTER = 7.3;
export const WORD_CHARACTER = 6.2;

/**
 * @param name what it is called: its id, or without the name of the fan-out below which it stands.
 * @param costs whether what sessions have spent is shown: not of a rehearsal.
 */
export function graphNode(box: GraphBox, name: string, href: string, costs: boolean): GraphNode {
  const { width, height } = box;
  const sign = icon('circle');
  attr(sign.node, 'x', PADDING);
  attr(sign.node, 'y', height / 2 - 19);
  const room = width - 2 * PADDING;
  const id = svg('text', { class: 'node-id', x: PADDING + 22, y: height / 2 - 6 });
  text(id, cut(name, (room - 22 - (box.critical ? 16 : 0)) / ID_CHARACTER));
  const words = svg('text', { class: 'node-words', x: PADDING, y: height / 2 + 15 });
  const cost = svg('text', { class: 'node-cost', x: width - PADDING, y: height / 2 + 15 });
  const title = svg('title');
  const node = svg(
    'a',
    {
      href,
      class: box.critical ? 'node critical' : 'node',
      transform: `translate(${box.x - width / 2} ${box.y - height / 2})`,
      tabindex: -1,
      'data-id': box.id,
    },
    title,
    svg('rect', { width, height, rx: 7 }),
    sign.node,
    id,
    words,
    cost,
  );
  if (box.critical) {
    const flag = icon('flag').node;
    attr(flag, 'class', 'icon flag');
    attr(flag, 'x', width - PADDING - 13);
    attr(flag, 'y', height / 2 - 18);
    node.append(flag);
  }
  return {
    node,
    box,
    update(session, now) {
      const mark = SESSION_MARKS[session.status];
      const said = stateWords(session, now);
      const spent = costs ? costWords(session) : '';
      sign.set(mark.icon);
      attr(node, 'data-tone', mark.tone);
      attr(node, 'data-status', session.status);
      // The icon already shows that it is running, so the text names its tool.
      const shown = session.status === 'running' ? currentToolWords(session) || said : said;
      text(words, cut(shown, room / WORD_CHARACTER - (spent === '' ? 0 : spent.length + 2)));
      text(cost, spent);
      const label = [session.id, said, spent, box.critical ? 'on the critical path' : ''];
      text(title, label.filter(part => part !== '').join(', '));
    },
  };
}

/** As much of it as there is room for, in characters. */
export function cut(words: string, room: number): string {
  const most = Math.max(1, Math.floor(room));
  return words.length <= most ? words : `${words.slice(0, most - 1).trimEnd()}…`;
}
