import { visible } from '../../../words/visible.ts';
import type { ToolOutputPage } from '../../api-types.ts';
import { button } from '../controls/button.ts';
import { el } from '../dom/el.ts';
import { type Api, ApiFailure } from '../net/api.ts';

/** Characters of one request. */
const PAGE = 8_000;

const readPage = (api: Api, below: string, tool: string, offset: number): Promise<ToolOutputPage> =>
  api.get(`${below}/output?tool=${encodeURIComponent(tool)}&offset=${offset}&limit=${PAGE}`);

/** What a tool returned, in pages, of which the first has been read. */
export function outputPages(
  api: Api,
  below: string,
  tool: string,
  first: ToolOutputPage,
): readonly Element[] {
  if (first.total === 0) return [el('p', { class: 'small' }, 'It returned nothing.')];
  const words = el('pre', { class: 'output', tabindex: 0, 'aria-label': 'Output' });
  let shown = 0;
  const add = ({ text, total }: ToolOutputPage) => {
    words.append(visible(text));
    shown += text.length;
    more.label(`Show more (${total - shown} characters left)`);
    if (shown >= total || text === '') more.node.remove();
  };
  const more = button({
    label: '',
    kind: 'quiet',
    act: async () => add(await readPage(api, below, tool, shown)),
  });
  const parts = el('div', {}, words, more.node);
  add(first);
  return [parts];
}

/** Reads it, and shows it. */
export async function outputParts(api: Api, below: string, tool: string): Promise<readonly Element[]> {
  try {
    return outputPages(api, below, tool, await readPage(api, below, tool, 0));
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.status !== 404) throw error;
    return [el('p', { class: 'small' }, 'Its output is not kept.')];
  }
}
