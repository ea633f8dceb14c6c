import type { Mark } from '../../../words/marks.ts';
import { attr, el, text } from '../dom/el.ts';
import { icon } from '../dom/icons.ts';

/** A status as an icon with its name, in its colour. */
export interface Badge {
  readonly node: HTMLElement;
  set(mark: Mark): void;
}

export function badge(first: Mark): Badge {
  const sign = icon(first.icon);
  const word = el('span');
  const node = el('span', { class: 'badge' }, sign.node, word);
  const set = (mark: Mark) => {
    sign.set(mark.icon);
    text(word, mark.word);
    attr(node, 'data-tone', mark.tone);
  };
  set(first);
  return { node, set };
}
