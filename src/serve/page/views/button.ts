import { attr, el, text } from '../dom/el.ts';
import { type IconName, icon } from '../dom/icons.ts';

/** A button that stays reachable while it makes no sense, and then says why instead of acting. */
export interface Button {
  readonly node: HTMLButtonElement;
  /** Why it does nothing now; undefined when it does. */
  refuse(reason: string | undefined): void;
  label(words: string): void;
}

export interface ButtonOptions {
  readonly label: string;
  readonly icon?: IconName;
  readonly kind?: 'primary' | 'danger' | 'quiet';
  /** A second click waits until this has ended. */
  act(): Promise<void> | void;
  /** Told the reason, when somebody presses a button that is refused. */
  refused?(reason: string): void;
}

export function button(options: ButtonOptions): Button {
  let reason: string | undefined;
  let busy = false;
  const words = el('span', {}, options.label);
  const press = async () => {
    if (busy) return;
    if (reason !== undefined) {
      options.refused?.(reason);
      return;
    }
    busy = true;
    attr(node, 'aria-busy', 'true');
    try {
      await options.act();
    } finally {
      busy = false;
      attr(node, 'aria-busy', undefined);
    }
  };
  const node = el('button', { type: 'button', class: options.kind ?? 'plain', click: () => void press() });
  if (options.icon !== undefined) node.append(icon(options.icon).node);
  node.append(words);
  return {
    node,
    label: label => text(words, label),
    refuse(why) {
      reason = why;
      attr(node, 'aria-disabled', why === undefined ? undefined : 'true');
      attr(node, 'title', why);
    },
  };
}
