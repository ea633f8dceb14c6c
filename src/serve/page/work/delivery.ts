import { isPossible } from '../../../words/possible.ts';
import type { DeliveryDetail, DiffDetail, OpenedRequests } from '../../delivery-types.ts';
import { button } from '../controls/button.ts';
import { ask } from '../controls/dialog.ts';
import { el, text, visible } from '../dom/el.ts';
import type { GroupContext, Part } from '../group/part.ts';
import { pathOf } from '../model/verbs.ts';
import { ApiFailure } from '../net/api.ts';
import { paced } from '../net/paced.ts';
import { attempted } from './attempted.ts';
import { cleanButton } from './clean.ts';
import { repositoriesParts } from './delivery-parts.ts';
import { changesReveal, chipsOf, conflictParts } from './session-work.ts';
import { isUndoable, undoButton } from './undo.ts';

export interface DeliveryPart extends Part {
  /** It has become visible. */
  shown(): void;
  close(): void;
}

/**
 * What a group delivers: the sessions' work, the repositories, and what can be done with it. A ref is only moved after
 * the exact moves were listed and confirmed; the server checks them once more.
 */
export function deliveryPart(context: GroupContext): DeliveryPart {
  const { api, model, path, hashOf, tell, request } = context;
  const none = el(
    'p',
    { class: 'empty' },
    'No session has a workspace of its own, so there is nothing to deliver.',
  );
  const sessions = el('ul', { class: 'works' });
  const repositories = el('div');
  const branch = el('input', {
    id: 'deliver-into',
    autocomplete: 'off',
    spellcheck: 'false',
    maxlength: 250,
  });
  const query = (into: string) => (into === '' ? '' : `?into=${encodeURIComponent(into)}`);
  const read = (into = '', signal?: AbortSignal) =>
    api.get<DeliveryDetail>(`${path}/delivery${query(into)}`, signal);
  const deliver = button({
    label: 'Deliver…',
    kind: 'primary',
    refused: tell,
    act: () =>
      attempted(tell, async () => {
        const into = branch.value.trim();
        const { repositories: found, refusal } = await read(into);
        const moves = refusal ? [] : found.flatMap(({ moves: refs }) => refs);
        const name = into === '' ? 'its branch' : into;
        if (moves.length === 0) {
          const why = refusal ? [el('p', {}, refusal.message)] : repositoriesParts(found);
          const body = [el('p', {}, 'No ref would move.'), ...why];
          await ask({ title: 'Nothing to deliver', body, yes: 'Close', kind: 'primary', read: () => true });
          return;
        }
        const words =
          'Exactly these refs move; nothing else of yours is touched. It is checked once more on the way.';
        const body = [el('p', {}, words), ...repositoriesParts(found)];
        const sure = await ask({
          title: `Deliver to ${name}?`,
          body,
          yes: 'Deliver',
          kind: 'danger',
          read: () => true,
        });
        if (sure) await request(pathOf('integrate'), into === '' ? {} : { into });
        follow.ask();
      }),
  });
  const clean = cleanButton(context, () => follow.ask());
  const takeBack = undoButton(
    context,
    () => read(),
    () => follow.ask(),
  );
  const requests = button({
    label: 'Open pull requests…',
    act: () =>
      attempted(tell, async () => {
        const planned = await api.post<OpenedRequests>(`${path}/pr`, { dryRun: true });
        const rows = planned.requests.map(({ session, branch: from, base, title }) =>
          el('li', {}, el('bdi', {}, `${session}: ${from} → ${base}: ${title}`)),
        );
        const words =
          rows.length > 0
            ? 'The command of the definition is run for each; it may push.'
            : 'None can be opened.';
        const body = [el('p', {}, words), el('ul', {}, ...rows)];
        const title = 'Open pull requests?';
        if (!(await ask({ title, body, yes: 'Open', kind: 'danger', read: () => true })) || rows.length === 0)
          return;
        const done = await api.post<OpenedRequests>(`${path}/pr`);
        tell(
          done.requests
            .map(({ session, outcome, how = '' }) => `${session}: ${outcome} ${how}`.trim())
            .join('; '),
        );
      }),
  });
  const merged = changesReveal('Show what was merged', () => api.get<DiffDetail>(`${path}/diff`));
  const body = el(
    'div',
    {},
    el('h3', {}, 'Sessions'),
    sessions,
    el('h3', {}, 'Repositories'),
    repositories,
    merged.node,
    el(
      'div',
      { class: 'deliver', role: 'group', 'aria-label': 'Deliver' },
      el('label', { for: 'deliver-into' }, 'Into your branch'),
      branch,
      deliver.node,
      takeBack.node,
      clean.node,
      requests.node,
    ),
  );
  const loading = el('p', { class: 'empty', role: 'status' }, 'Loading…');
  const node = el('div', { class: 'delivery' }, loading, none, body);
  visible(none, false);
  visible(body, false);
  const show = (detail: DeliveryDetail) => {
    const isAny = detail.sessions.length > 0;
    visible(loading, false);
    visible(none, !isAny);
    visible(body, isAny);
    visible(takeBack.node, isUndoable(detail));
    visible(
      requests.node,
      detail.sessions.some(({ integrate }) => integrate === 'pr'),
    );
    sessions.replaceChildren(
      ...detail.sessions.map(found =>
        el(
          'li',
          {},
          el('a', { href: hashOf(found.id) }, found.id),
          el('span', { class: 'chips' }, ...chipsOf(found, model.sessions.get(found.id), { status: true })),
          ...conflictParts(found),
        ),
      ),
    );
    repositories.replaceChildren(...repositoriesParts(detail.repositories));
    const [{ into = '' } = {}] = detail.repositories;
    if (branch.value === '' && document.activeElement !== branch) branch.value = into;
  };
  const follow = paced(
    async signal => show(await read(branch.value.trim(), signal)),
    error => text(loading, error instanceof ApiFailure ? error.message : 'It cannot be read.'),
  );
  branch.addEventListener('change', () => follow.ask());
  let status = '';
  const statuses = new Map<string, string | undefined>();
  /** What a session delivers changes with its status; each look at it runs git. */
  const hasMoved = (id: string): boolean => {
    const now = model.sessions.get(id)?.status;
    const before = statuses.get(id);
    statuses.set(id, now);
    return now !== before;
  };
  return {
    node,
    shown: () => follow.ask(),
    update(changes) {
      const { status: now } = model.totals;
      const moved = [...changes.sessions].filter(hasMoved);
      if (now !== status || moved.length > 0 || changes.delivery) follow.ask();
      status = now;
      deliver.refuse(
        isPossible('integrate', now) ? undefined : 'It can deliver once all its sessions have completed',
      );
    },
    close: follow.close,
  };
}
