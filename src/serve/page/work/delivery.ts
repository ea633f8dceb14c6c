import { isSettled } from '../../../../machines/vocabulary.ts';
import { shellWord } from '../../../sdk/format.ts';
import { integrateCommand } from '../../../words/commands.ts';
import type { DeliveryDetail, DiffDetail, OpenedRequests, SessionDelivery } from '../../delivery-types.ts';
import { button } from '../controls/button.ts';
import { command } from '../controls/command.ts';
import { confirmed } from '../controls/dialog.ts';
import { prose } from '../controls/prose.ts';
import { attr, el, text, visible } from '../dom/el.ts';
import type { GroupContext, Part } from '../group/part.ts';
import { pathOf, suspendedNow } from '../model/verbs.ts';
import { ApiFailure } from '../net/api.ts';
import { paced } from '../net/paced.ts';
import { shownName } from '../texts/diff.ts';
import { attempted } from './attempted.ts';
import { cleanButton } from './clean.ts';
import { repositoriesParts } from './delivery-parts.ts';
import { deliveryStanding, isOnItsBranch, repositoryOf } from './delivery-standing.ts';
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
  const named = () => branch.value.trim();
  const query = (into: string) => (into === '' ? '' : `?into=${encodeURIComponent(into)}`);
  const read = (into = '', signal?: AbortSignal) =>
    api.get<DeliveryDetail>(`${path}/delivery${query(into)}`, signal);
  const intoOf = ({ repositories: [first] }: DeliveryDetail) => first?.into ?? '';
  const standingOf = (detail: DeliveryDetail) =>
    deliveryStanding(detail, model.totals.status, intoOf(detail), suspendedNow(model));
  const deliver = button({
    label: 'Deliver…',
    kind: 'primary',
    refused: tell,
    act: () =>
      attempted(tell, async () => {
        const detail = await read(named());
        const into = intoOf(detail);
        show(detail);
        const { why } = standingOf(detail);
        if (why !== undefined) return tell(why);
        const words =
          'Exactly these refs move; nothing else of yours is touched. It is checked once more on the way.';
        const parts = repositoriesParts(detail.repositories);
        if (await confirmed(`Deliver to ${into}?`, words, 'Deliver', parts))
          await request(pathOf('integrate'), { into });
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
        if (rows.length === 0) {
          const reasons = planned.others.map(({ session, reason }) => `${session}: ${reason}`).join('; ');
          return tell(`None can be opened: ${reasons}`);
        }
        const words = 'The command of the definition is run for each; it may push.';
        if (!(await confirmed('Open pull requests?', words, 'Open', [el('ul', {}, ...rows)]))) return;
        const done = await api.post<OpenedRequests>(`${path}/pr`);
        tell(
          done.requests
            .map(({ session, outcome, how = '' }) => `${session}: ${outcome} ${how}`.trim())
            .join('; '),
        );
      }),
  });
  const merged = changesReveal('Show what was merged', () => api.get<DiffDetail>(`${path}/diff`));
  const waits = el('p', { class: 'waits' });
  const why = prose({ id: 'deliver-why', class: 'small' });
  const inTerminal = el('div');
  let commandLine = '';
  const form = el(
    'div',
    {},
    el(
      'div',
      { class: 'deliver', role: 'group', 'aria-label': 'Deliver' },
      el('label', { for: 'deliver-into' }, 'Into your branch'),
      branch,
      deliver.node,
    ),
    why.node,
    inTerminal,
  );
  attr(deliver.node, 'aria-describedby', 'deliver-why');
  const body = el(
    'div',
    {},
    waits,
    form,
    el('h3', {}, 'Repositories'),
    repositories,
    merged.node,
    el('h3', {}, 'Sessions'),
    sessions,
    el('div', { class: 'deliver' }, takeBack.node, clean.node, requests.node),
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
    const isSuspended = model.shown === 'suspended';
    visible(takeBack.node, !isSuspended && isUndoable(detail));
    visible(requests.node, !isSuspended && detail.sessions.some(({ integrate }) => integrate === 'pr'));
    sessions.replaceChildren(
      ...detail.sessions.map(found =>
        el(
          'li',
          {},
          el('p', {}, el('a', { href: hashOf(found.id) }, found.id), ...placeOf(found, detail)),
          el('span', { class: 'chips' }, ...chipsOf(found, model.sessions.get(found.id), { status: true })),
          ...(isOnItsBranch(found) ? [el('code', { class: 'small' }, shownName(found.branch))] : []),
          ...conflictParts(found),
        ),
      ),
    );
    visible(
      clean.node,
      !isSuspended &&
        detail.sessions.some(({ id, isReleased }) => {
          const session = model.sessions.get(id);
          return !isReleased && session !== undefined && isSettled(session.status);
        }),
    );
    repositories.replaceChildren(...repositoriesParts(detail.repositories));
    visible(
      merged.node,
      detail.repositories.some(({ merged: tip }) => tip !== null),
    );
    const into = intoOf(detail);
    if (branch.value === '' && document.activeElement !== branch) branch.value = into;
    const standing = standingOf(detail);
    text(waits, standing.words);
    visible(form, standing.isOpen);
    refuse(standing.why);
    const line = `${integrateCommand(model.detail.id)} --into ${into === '' ? 'BRANCH' : shellWord(into)}`;
    // Not where it would be refused.
    visible(inTerminal, standing.hasCommand);
    if (line === commandLine) return;
    commandLine = line;
    inTerminal.replaceChildren(el('p', { class: 'small' }, 'The same in a terminal:'), command(line));
  };
  const refuse = (reason: string | undefined) => {
    deliver.refuse(reason);
    why.set(reason ?? '');
    visible(why.node, reason !== undefined);
  };
  const follow = paced(
    async signal => {
      const asked = named();
      const detail = await read(asked, signal);
      if (named() === asked) show(detail);
      else follow.ask();
    },
    error => text(loading, error instanceof ApiFailure ? error.message : 'It cannot be read.'),
  );
  branch.addEventListener('input', () => {
    // What is named is looked at; whoever is faster than that is told when it is to be delivered.
    refuse(undefined);
    follow.ask();
  });
  branch.addEventListener('keydown', event => {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    deliver.node.click();
  });
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
      const { shown: now } = model;
      const moved = [...changes.sessions].filter(hasMoved);
      if (now !== status || moved.length > 0 || changes.delivery) follow.ask();
      status = now;
    },
    close: follow.close,
  };
}

/** Where a session has worked, if its group works in several repositories. */
function placeOf(session: SessionDelivery, { repositories }: DeliveryDetail): readonly (Element | string)[] {
  const name = repositoryOf(session, repositories);
  return name === undefined ? [] : [' in ', el('bdi', { dir: 'ltr' }, name)];
}
