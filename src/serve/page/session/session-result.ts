import { counted } from '../../../sdk/format.ts';
import type { SessionDetail } from '../../api-types.ts';
import { el, text, visible } from '../dom/el.ts';
import { KeyedList } from '../dom/keyed-list.ts';

/** The result of a completed session: its last message, structured output and changed files. */
export function resultParts(): {
  readonly node: Element;
  show(detail: SessionDetail['session'] | undefined): void;
} {
  const result = part('Result', el('pre', { class: 'result', tabindex: 0 }));
  const output = part('Output', el('pre', { class: 'output', tabindex: 0 }));
  const files = el('ul', { class: 'files', tabindex: 0, 'aria-label': 'Changed files' });
  const changed = part('', files);
  const list = new KeyedList<string>(
    files,
    name => name,
    name => ({ node: el('li', {}, el('bdi', {}, name)), update: () => {} }),
  );
  let shown: SessionDetail['session'] | undefined;
  return {
    node: el('div', {}, result.node, output.node, changed.node),
    show(detail) {
      if (detail === shown) return;
      shown = detail;
      const said = detail?.result === JSON.stringify(detail?.output) ? undefined : detail?.result;
      result.say(said ?? '');
      output.say(outputWords(detail));
      const { changedFiles, moreChangedFiles: more = 0 } = detail ?? {};
      const count = (changedFiles?.length ?? 0) + more;
      text(changed.title, `Changed: ${counted(count, 'file')}`);
      list.show([...(changedFiles ?? []), ...(more > 0 ? [`and ${more} more`] : [])]);
      visible(files, count > 0);
      visible(changed.node, changedFiles !== undefined);
    },
  };
}

function part(name: string, holder: Element) {
  const title = el('h3', {}, name);
  const node = el('div', {}, title, holder);
  const say = (words: string) => {
    text(holder, words);
    visible(node, words !== '');
  };
  return { node, title, say };
}

const outputWords = ({ output, outputFile }: Partial<SessionDetail['session']> = {}): string =>
  output === undefined ? (outputFile ?? '') : JSON.stringify(output, undefined, 2);
