import { visible } from '../../../words/visible.ts';
import type { ToolOutputPage } from '../../api-types.ts';
import { button } from '../controls/button.ts';
import { el } from '../dom/el.ts';
import { type Api, ApiFailure } from '../net/api.ts';

/** Characters of one request. */
const PAGE = 8_000;

/** What a tool returned, in pages. */
export async function outputParts(api: Api, below: string, tool: string): Promise<readonly Element[]> {
  const read = (offset: number) =>
    api.get<ToolOutputPage>(
      `${below}/output?tool=${encodeURIComponent(tool)}&offset=${offset}&limit=${PAGE}`,
    );
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
    act: async () => add(await read(shown)),
  });
  try {
    const first = await read(0);
    if (first.total === 0) return [el('p', { class: 'small' }, 'It returned nothing.')];
    const parts = el('div', {}, words, more.node);
    add(first);
    return [parts];
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.status !== 404) throw error;
    return [el('p', { class: 'small' }, 'Its output is not kept.')];
  }
}
