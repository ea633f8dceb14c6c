import { el } from '../dom/el.ts';
import { copyButton } from './copy-button.ts';

/** A command for a terminal, with a button that copies it. Lines break between its words, not at a hyphen. */
export function command(words: string): HTMLElement {
  const parts = words.split(/( )/).map(part => (part === ' ' ? part : el('span', {}, part)));
  return el('p', { class: 'command' }, el('code', {}, ...parts), copyButton('Copy', () => words).node);
}
