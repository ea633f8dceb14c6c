import { el, visible } from '../dom/el.ts';
import { icon } from '../dom/icons.ts';

/** A button that unfolds more of what can be done. Escape, a press elsewhere, and a choice in it close it. */
export interface Menu {
  readonly node: HTMLElement;
  readonly items: HTMLElement;
  /** Hides it while it has nothing in it. */
  refresh(): void;
}

export function menu(label: string): Menu {
  const items = el('div', { class: 'menu-items', role: 'group', 'aria-label': label });
  const head = el('summary', {}, icon('more').node, el('span', {}, label));
  const node = el('details', { class: 'menu' }, head, items);
  const outside = (event: Event) => {
    if (event.target instanceof Node && !node.contains(event.target)) node.open = false;
  };
  node.addEventListener('toggle', () => {
    if (node.open) document.addEventListener('pointerdown', outside);
    else document.removeEventListener('pointerdown', outside);
  });
  node.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || !node.open) return;
    event.stopPropagation();
    node.open = false;
    head.focus();
  });
  items.addEventListener('click', event => {
    const pressed = event.target instanceof Element ? event.target.closest('button') : null;
    if (pressed !== null && !pressed.hasAttribute('aria-disabled')) node.open = false;
  });
  return {
    node,
    items,
    refresh: () => visible(node, items.childElementCount > 0),
  };
}
