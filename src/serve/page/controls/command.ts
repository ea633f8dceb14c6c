import { el } from '../dom/el.ts';
import { copyButton } from './copy-button.ts';

/** A command for a terminal, with a button that copies it. */
export function command(words: string): HTMLElement {
  return el('p', { class: 'command' }, el('code', {}, words), copyButton('Copy', () => words).node);
}
