import { el } from '../dom/el.ts';
import { command } from './command.ts';

/** Programs with which a command that ends a text can begin. */
const AT_THE_END = /^(.*: )((?:session-groups|kill|git|rm) .+)$/s;

/** Words that are shown as they are for a terminal: what is in backticks is code, and a command at the end can be copied. */
export interface Prose {
  readonly node: HTMLElement;
  set(words: string): void;
}

/** @param props of its element. */
export function prose(props: Readonly<Record<string, string>> = {}): Prose {
  const node = el('div', props);
  let shown = '';
  return {
    node,
    set(words) {
      // The button keeps its focus.
      if (words === shown) return;
      shown = words;
      node.replaceChildren(...proseParts(words));
    },
  };
}

/** The parts of such words: their text, and the command if they end with one. */
export function proseParts(words: string): readonly Element[] {
  const [, said = words, line] = AT_THE_END.exec(words) ?? [];
  const text = said.split(/`([^`]+)`/).map((part, index) => (index % 2 === 1 ? el('code', {}, part) : part));
  return [el('p', {}, ...text), ...(line === undefined ? [] : [command(line)])];
}
