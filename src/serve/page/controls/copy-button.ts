import { type Button, button } from './button.ts';

const SHOWN_MS = 1_500;

/** Copies a text to the clipboard, and says for a moment that it did, or could not. */
export function copyButton(label: string, text: () => string | Promise<string>): Button {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const say = (words: string) => {
    press.label(words);
    clearTimeout(timer);
    timer = setTimeout(() => press.label(label), SHOWN_MS);
  };
  const press = button({
    label,
    icon: 'copy',
    kind: 'quiet',
    act: async () => {
      try {
        await navigator.clipboard.writeText(await text());
        say('Copied');
      } catch {
        say('Could not copy');
      }
    },
  });
  press.node.classList.add('copy');
  return press;
}
