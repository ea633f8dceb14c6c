import { button } from '../controls/button.ts';
import { el } from '../dom/el.ts';

/** Loads a style sheet of the page, once. @throws if it can't be loaded. */
export function stylesheet(name: string): Promise<void> {
  const href = `/assets/${name}`;
  if (document.querySelector(`link[href="${href}"]`) !== null) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const failed = () => {
      link.remove();
      reject(new Error(href));
    };
    const link = el('link', { rel: 'stylesheet', href, load: () => resolve(), error: failed });
    document.head.append(link);
  });
}

/**
 * Shows what is only loaded when it is needed: until then that it loads, and if it can't be loaded, so, with a button to
 * try again.
 */
export function later<T extends { readonly node: Element }>(
  load: () => Promise<T>,
  loaded: (part: T) => void,
) {
  const node = el('div', { class: 'later' });
  let asked = false;
  const again = button({ label: 'Try again', act: () => begin() });
  const begin = async () => {
    node.replaceChildren(el('p', { class: 'empty', role: 'status' }, 'Loading…'));
    try {
      const part = await load();
      node.replaceChildren(part.node);
      loaded(part);
    } catch {
      // A browser may remember that a module could not be loaded.
      const words = 'This part of the page cannot be loaded. Try again, or reload the page.';
      node.replaceChildren(el('p', { class: 'problem', role: 'alert' }, words), again.node);
    }
  };
  return {
    node,
    /** Loads it, the first time. */
    ask(): void {
      if (!asked) void begin();
      asked = true;
    },
  };
}
