import { attr, el, visible } from '../dom/el.ts';
import { ApiFailure } from '../net/api.ts';
import { button } from './button.ts';

/** Shows in the holder what is loaded, or why that failed. */
export async function fill(holder: Element, load: () => Promise<readonly (Node | string)[]>): Promise<void> {
  const loaded = await load().catch((error: unknown) => [
    el(
      'p',
      { class: 'problem', role: 'alert' },
      error instanceof ApiFailure ? error.message : 'It cannot be shown.',
    ),
  ]);
  holder.replaceChildren(...loaded);
}

/** A button that loads something and shows it below itself; pressed again, it hides it. */
export function reveal(
  label: string,
  load: () => Promise<readonly (Node | string)[]>,
): { readonly node: HTMLElement; hide(): void; show(parts: readonly (Node | string)[]): void } {
  const holder = el('div');
  const set = (isOpen: boolean) => {
    visible(holder, isOpen);
    attr(press.node, 'aria-expanded', String(isOpen));
  };
  const press = button({
    label,
    kind: 'quiet',
    async act() {
      if (!holder.hidden) return set(false);
      await fill(holder, load);
      set(true);
    },
  });
  const node = el('div', { class: 'reveal' }, press.node, holder);
  set(false);
  return {
    node,
    hide: () => set(false),
    show(parts) {
      holder.replaceChildren(...parts);
      set(true);
    },
  };
}
