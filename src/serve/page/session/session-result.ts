import { counted } from '../../../sdk/format.ts';
import type { SessionDetail } from '../../api-types.ts';
import { copyButton } from '../controls/copy-button.ts';
import { el, text, visible } from '../dom/el.ts';
import { KeyedList } from '../dom/keyed-list.ts';

/** What a completed session left besides its words: its structured output and changed files. */
export function resultParts(): {
  readonly output: Element;
  readonly changed: Element;
  show(detail: SessionDetail['session'] | undefined): void;
} {
  const words = el('pre', { class: 'output', tabindex: 0, 'aria-label': 'Output' });
  const copy = copyButton('Copy output', () => words.textContent ?? '');
  const output = el('div', {}, el('h3', {}, 'Output'), words, copy.node);
  const files = el('ul', { class: 'files', tabindex: 0, 'aria-label': 'Changed files' });
  const title = el('h3');
  const changed = el('div', {}, title, files);
  const list = new KeyedList<string>(
    files,
    name => name,
    name => ({ node: el('li', {}, el('bdi', {}, name)), update: () => {} }),
  );
  const show = (detail: SessionDetail['session'] | undefined) => {
    const said = outputWords(detail);
    text(words, said);
    visible(output, said !== '');
    const { changedFiles, moreChangedFiles: more = 0 } = detail ?? {};
    const count = (changedFiles?.length ?? 0) + more;
    text(title, `Changed: ${counted(count, 'file')}`);
    list.show([...(changedFiles ?? []), ...(more > 0 ? [`and ${more} more`] : [])]);
    visible(files, count > 0);
    visible(changed, changedFiles !== undefined);
  };
  show(undefined);
  return { output, changed, show };
}

const outputWords = ({ output, outputFile }: Partial<SessionDetail['session']> = {}): string =>
  output === undefined ? (outputFile ?? '') : JSON.stringify(output, undefined, 2);
