import { visible } from '../../../words/visible.ts';
import { copyButton } from '../controls/copy-button.ts';
import { el } from '../dom/el.ts';
import { type Block, type Inline, markdown } from '../texts/markdown.ts';

/** Markdown as elements: text is set as text, and what is hidden in it is shown as a name. */
export const markdownView = (text: string): Element =>
  el('div', { class: 'markdown' }, ...markdown(text).map(blockView));

function blockView(block: Block): Element {
  switch (block.kind) {
    case 'paragraph':
      return el('p', {}, ...inlineViews(block.inside));
    case 'heading':
      return el('p', { class: `heading level-${block.level}` }, ...inlineViews(block.inside));
    case 'code': {
      const code = el('pre', { tabindex: 0, 'aria-label': 'Code' }, visible(block.text));
      return el('div', { class: 'code' }, code, copyButton('Copy', () => block.text).node);
    }
    case 'quote':
      return el('blockquote', {}, ...block.inside.map(blockView));
    case 'list': {
      const items = block.items.map(item => el('li', {}, ...item.map(blockView)));
      return block.start === undefined ? el('ul', {}, ...items) : el('ol', { start: block.start }, ...items);
    }
    case 'table': {
      const [head = [], ...rows] = block.rows;
      const cells = (row: typeof head, tag: 'th' | 'td') =>
        el('tr', {}, ...row.map(cell => el(tag, {}, ...inlineViews(cell))));
      const body = el('tbody', {}, ...rows.map(row => cells(row, 'td')));
      return el('table', {}, el('thead', {}, cells(head, 'th')), body);
    }
    case 'rule':
      return el('hr');
  }
}

const inlineViews = (all: readonly Inline[]): (Node | string)[] => all.map(inlineView);

function inlineView(piece: Inline): Node | string {
  if (typeof piece === 'string') return visible(piece);
  if (piece.kind === 'code') return el('code', {}, visible(piece.text));
  const inside = inlineViews(piece.inside);
  if (piece.kind !== 'link') return el(piece.kind, {}, ...inside);
  const { href } = piece;
  return el('a', { href, title: href, target: '_blank', rel: 'noopener noreferrer' }, ...inside);
}
