import { counted } from '../../../sdk/format.ts';
import { GROUP_MARKS } from '../../../words/marks.ts';
import type { GroupList, ListedMeta } from '../../api-types.ts';
import { el, text, visible } from '../dom/el.ts';
import { KeyedList } from '../dom/keyed-list.ts';
import type { App, View } from '../frame/shell.ts';
import { listHash } from '../model/route.ts';
import { ApiFailure } from '../net/api.ts';
import { poll } from '../net/poll.ts';
import { listRow } from './list-row.ts';

const PAUSE_MS = 2_000;
const MOST = 500;

/** All groups that match the filters, newest first; polled every two seconds. */
export function listView(app: App, given: Readonly<Record<string, string>>): View {
  const words = el('input', {
    type: 'search',
    id: 'filter-text',
    value: given.text ?? '',
    autocomplete: 'off',
  });
  const status = el('select', { id: 'filter-status' }, el('option', { value: '' }, 'any'));
  for (const name of Object.keys(GROUP_MARKS)) status.append(el('option', { value: name }, name));
  status.value = given.status ?? '';
  const project = el('input', {
    type: 'search',
    id: 'filter-project',
    value: given.project ?? '',
    placeholder: '/path/of/project',
  });
  const archived = el('input', {
    type: 'checkbox',
    id: 'filter-archived',
    checked: given.archived === 'true',
  });
  const found = el('p', { class: 'small', role: 'status' });
  const empty = el('p', { class: 'empty' }, 'Loading…');
  const items = el('ul', { class: 'groups' });
  const list = new KeyedList<ListedMeta>(items, ({ id }) => id, listRow);

  const filter = () => ({
    text: words.value.trim(),
    status: status.value,
    project: project.value.trim(),
    archived: archived.checked ? 'true' : '',
  });
  let groups: readonly ListedMeta[] | undefined;
  const draw = () => {
    if (groups === undefined) return;
    const wanted = filter();
    const shown = groups.filter(group => mentions(group, wanted.text));
    list.show(shown);
    text(found, counted(shown.length, 'group'));
    const none = Object.values(wanted).every(value => value === '');
    text(
      empty,
      none
        ? 'No groups yet. Create one with session-groups run or session-groups group create.'
        : 'No groups match the filters.',
    );
    visible(empty, shown.length === 0);
  };
  let failing = false;
  const look = poll(async () => {
    const { text: _text, ...asked } = filter();
    const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== ''));
    query.set('limit', String(MOST));
    try {
      ({ groups } = await app.api.get<GroupList>(`/groups?${query}`));
      app.connection('live');
      if (failing) app.notices.clear();
      failing = false;
      draw();
    } catch (error) {
      if (error instanceof ApiFailure && error.status === 401) {
        app.expired();
        return;
      }
      const lost = error instanceof ApiFailure && error.status === 0;
      app.connection(lost ? 'lost' : 'refused');
      if (!lost && !failing) app.notices.fail(error);
      failing = !lost;
    }
  }, PAUSE_MS);

  const changed = (event: Event) => {
    history.replaceState(null, '', listHash(filter()));
    if (event.target === words) draw();
    else look.wake();
  };
  const form = el(
    'form',
    {
      class: 'filters',
      role: 'search',
      'aria-label': 'Groups',
      input: changed,
      submit: event => event.preventDefault(),
    },
    el('label', { for: 'filter-text' }, 'Search', words),
    el('label', { for: 'filter-status' }, 'Status', status),
    el('label', { for: 'filter-project' }, 'Project folder', project),
    el('label', { class: 'check', for: 'filter-archived' }, archived, 'Include archived'),
    found,
  );
  app.title('Groups', 0);
  return {
    node: el(
      'div',
      { class: 'list-view' },
      el('h1', { tabindex: -1 }, 'Groups'),
      form,
      el('div', { class: 'card' }, empty, items),
    ),
    wake: look.wake,
    close: look.close,
  };
}

function mentions({ id, name, slug, description }: ListedMeta, wanted: string): boolean {
  const all = [id, name, slug, description ?? ''].join('\n').toLowerCase();
  return all.includes(wanted.toLowerCase());
}
