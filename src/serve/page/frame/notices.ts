import { sentence } from '../../../sdk/format.ts';
import { iconButton } from '../controls/button.ts';
import { proseParts } from '../controls/prose.ts';
import { el } from '../dom/el.ts';
import { icon } from '../dom/icons.ts';
import { ApiFailure } from '../net/api.ts';

/** Messages that stay until they are dismissed or the next request is made. */
export interface Notices {
  readonly node: HTMLElement;
  /** Shows an error with its hint, if it has one. */
  fail(error: unknown): void;
  tell(words: string, hint?: string): void;
  clear(): void;
}

export function notices(): Notices {
  const node = el('div', { class: 'notices', role: 'alert' });
  const clear = () => node.replaceChildren();
  const show = (kind: string, words: string, hint: string | undefined) => {
    const text = el('div', {}, el('strong', {}, words), ...(hint === undefined ? [] : proseParts(hint)));
    const dismiss = iconButton('cross', 'Dismiss', clear);
    node.replaceChildren(el('div', { class: `notice ${kind}` }, icon('bang').node, text, dismiss));
  };
  return {
    node,
    clear,
    tell: (words, hint) => show('told', words, hint),
    fail(error) {
      if (error instanceof ApiFailure) show('failed', sentence(error.message), error.hint);
      else show('failed', 'Something went wrong on this page.', String(error));
    },
  };
}
