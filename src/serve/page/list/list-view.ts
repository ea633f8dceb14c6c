import { counted } from '../../../sdk/format.ts';
import { attentionRank } from '../../../words/attention.ts';
import { GROUP_MARKS } from '../../../words/marks.ts';
import type { GroupList, ListedGroupView } from '../../api-types.ts';
import { command } from '../controls/command.ts';
import { attr, el, text, visible } from '../dom/el.ts';
import { KeyedList } from '../dom/keyed-list.ts';
import { leaveOnEscape, onSlash } from '../dom/slash-key.ts';
import type { App, View } from '../frame/shell.ts';
import { listHash } from '../model/route.ts';
import { ApiFailure } from '../net/api.ts';
import { poll } from '../net/poll.ts';
import { listRow } from './list-row.ts';

const PAUSE_MS = 2_000;
const MOST = 500;
const RELATIVE = 'Write the whole path of the project folder: it begins with a slash.';

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
  for (const field of [words, project]) leaveOnEscape(field);
  const archived = el('input', {
    type: 'checkbox',
    id: 'filter-archived',
    checked: given.archived === 'true',
  });
  const waiting = el('input', {
    type: 'checkbox',
    id: 'filter-waiting',
    checked: given.waiting === 'true',
  });
  const found = el('p', { class: 'small', role: 'status' });
  const empty = el('p', { class: 'empty' }, 'Loading…');
  const first = el(
    'div',
    { class: 'first-group' },
    el('p', {}, 'No groups yet. Write a definition, and run it:'),
    command('session-groups init'),
    command('session-groups run session-groups.yaml --web'),
  );
  visible(first, false);
  const items = el('ul', { class: 'groups' });
  const list = new KeyedList<ListedGroupView>(items, ({ id }) => id, listRow);

  const filter = () => ({
    text: words.value.trim(),
    status: status.value,
    project: project.value.trim(),
    archived: archived.checked ? 'true' : '',
    waiting: waiting.checked ? 'true' : '',
  });
  let groups: readonly ListedGroupView[] | undefined;
  /** No project has such a folder; it may only be half written. */
  const isRelative = () => !['', '/'].includes(filter().project.charAt(0));
  const draw = () => {
    if (groups === undefined) return;
    const wanted = filter();
    attr(project, 'aria-invalid', isRelative() ? 'true' : undefined);
    const waits = ({ attention }: ListedGroupView) => attention !== undefined;
    const matching = groups.filter(
      group => mentions(group, wanted.text) && (wanted.waiting === '' || waits(group)),
    );
    const asking = matching.filter(waits);
    list.show(matching.toSorted((a, b) => attentionRank(a.attention) - attentionRank(b.attention)));
    const more = asking.length === 0 ? '' : `, ${asking.length} waiting for you`;
    text(found, `${counted(matching.length, 'group')}${more}`);
    app.title('Groups', asking.length);
    const none = Object.values(wanted).every(value => value === '');
    text(empty, isRelative() ? RELATIVE : 'No groups match the filters.');
    visible(empty, matching.length === 0 && !none);
    visible(first, matching.length === 0 && none);
  };
  let failing = false;
  const look = poll(async () => {
    const { text: _text, waiting: _waiting, ...asked } = filter();
    const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== ''));
    query.set('limit', String(MOST));
    try {
      ({ groups } = isRelative() ? { groups: [] } : await app.api.get<GroupList>(`/groups?${query}`));
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
    if (event.target === words || event.target === waiting) draw();
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
    el('label', { class: 'check', for: 'filter-waiting' }, waiting, 'Waits for you'),
    el('label', { class: 'check', for: 'filter-archived' }, archived, 'Include archived'),
    found,
  );
  app.title('Groups', 0);
  const endSlash = onSlash(() => words.focus());
  return {
    node: el(
      'div',
      { class: 'list-view' },
      el('h1', { tabindex: -1 }, 'Groups'),
      form,
      el('div', { class: 'card' }, empty, first, items),
    ),
    wake: look.wake,
    close() {
      look.close();
      endSlash();
    },
  };
}

function mentions({ id, name, slug, description }: ListedGroupView, wanted: string): boolean {
  const all = [id, name, slug, description ?? ''].join('\n').toLowerCase();
  return all.includes(wanted.toLowerCase());
}
