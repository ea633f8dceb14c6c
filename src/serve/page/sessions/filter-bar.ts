import { counted } from '../../../sdk/format.ts';
import { button } from '../controls/button.ts';
import { attr, el, text, visible } from '../dom/el.ts';
import { leaveOnEscape } from '../dom/slash-key.ts';
import type { GroupContext } from '../group/part.ts';
import { isFiltered, NO_FILTER } from '../model/session-filter.ts';

export interface FilterBar {
  readonly node: Element;
  /** Shows the filter and how many sessions match it. */
  show(found: number): void;
  focus(): void;
}

/** Searches the sessions of a group; the counters above filter them by status. */
export function filterBar({ filter }: GroupContext): FilterBar {
  const words = el('input', {
    type: 'search',
    id: 'filter-sessions',
    autocomplete: 'off',
    placeholder: 'Search sessions  ( / )',
    'aria-label': 'Search sessions',
    input: () => filter.set({ ...filter.value, text: words.value.trim() }),
  });
  leaveOnEscape(words);
  const found = el('span', { class: 'small', role: 'status' });
  const clear = button({
    label: 'Clear',
    kind: 'quiet',
    act: () => {
      filter.set(NO_FILTER);
      words.focus();
    },
  });
  const node = el('div', { class: 'filter-bar', role: 'search' }, words, found, clear.node);
  return {
    node,
    focus: () => words.focus(),
    show(count) {
      const { value } = filter;
      if (words.value.trim() !== value.text) words.value = value.text;
      const statuses = value.counts.length > 0 ? `${value.counts.join(' or ')}: ` : '';
      text(found, isFiltered(value) ? `${statuses}${counted(count, 'session')}` : '');
      visible(clear.node, isFiltered(value));
      attr(node, 'data-filtered', isFiltered(value) ? 'true' : undefined);
    },
  };
}
