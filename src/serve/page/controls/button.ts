import { attr, el, text } from '../dom/el.ts';
import { type IconName, icon } from '../dom/icons.ts';

/** A button that stays focusable while disabled, and then shows the reason instead of acting. */
export interface Button {
  readonly node: HTMLButtonElement;
  /** Disables it with a reason; undefined enables it. */
  refuse(reason: string | undefined): void;
  label(words: string): void;
}

export interface ButtonOptions {
  readonly label: string;
  readonly icon?: IconName;
  readonly kind?: 'primary' | 'danger' | 'quiet';
  /** Clicks are ignored until this has ended. */
  act(): Promise<void> | void;
  /** Called with the reason when the disabled button is pressed. */
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

/** A button that shows only an icon. */
export const iconButton = (name: IconName, label: string, click: () => void): HTMLButtonElement =>
  el('button', { type: 'button', class: 'quiet', 'aria-label': label, click }, icon(name).node);
