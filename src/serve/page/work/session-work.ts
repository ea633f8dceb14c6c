import { counted, formatDuration } from '../../../sdk/format.ts';
import { visible as seen } from '../../../words/visible.ts';
import type { SessionDetail } from '../../api-types.ts';
import type { CheckOutcome, ChecksDetail, DiffDetail, SessionDelivery } from '../../delivery-types.ts';
import { badge } from '../controls/badge.ts';
import { reveal } from '../controls/reveal.ts';
import { el, visible } from '../dom/el.ts';
import type { GroupContext } from '../group/part.ts';
import { shownName } from '../texts/diff.ts';
import { diffView } from './diff-view.ts';
import { workMarks } from './work-marks.ts';

export interface SessionWork {
  readonly node: Element;
  show(detail: SessionDetail | undefined): void;
}

/** What a session did with its tree: chips, conflict, changes, and what its checks print. */
export function sessionWork({ api, path, model }: GroupContext, id: string): SessionWork {
  const below = `${path}/sessions/${encodeURIComponent(id)}`;
  const chips = el('p', { class: 'chips' });
  const conflict = el('div');
  const changes = changesReveal('Show changes', () => api.get<DiffDetail>(`${below}/diff`));
  const output = reveal('Show output of checks', async () => {
    const { setup, verify } = await api.get<ChecksDetail>(`${below}/checks`);
    const parts = [logPart('Set-up', setup), logPart('Checks', verify)].flat();
    return parts.length > 0 ? parts : [el('p', { class: 'empty' }, 'Nothing was printed.')];
  });
  const again = reveal('Check again', async () =>
    outcomeParts(await api.post<CheckOutcome>(`${below}/verify`)),
  );
  const node = el('div', {}, el('h3', {}, 'Work'), chips, conflict, changes.node, output.node, again.node);
  visible(node, false);
  return {
    node,
    show(detail) {
      const delivery = detail?.delivery;
      visible(node, delivery !== undefined || detail?.checked === true);
      visible(changes.node, delivery !== undefined);
      visible(again.node, detail?.checked === true);
      chips.replaceChildren(...(delivery ? chipsOf(delivery, model.sessions.get(id)) : []));
      conflict.replaceChildren(...(delivery ? conflictParts(delivery) : []));
    },
  };
}

/** A button that loads the changes, and shows them by repository. */
export const changesReveal = (label: string, load: () => Promise<DiffDetail>) =>
  reveal(label, async () => {
    const { changes, diffs } = await load();
    if (diffs.length === 0) return [el('p', { class: 'empty' }, 'Nothing has been saved yet.')];
    return diffs.map(diff =>
      diffView(
        changes.find(({ repository }) => repository === diff.repository),
        diff,
        diffs,
      ),
    );
  });

export const chipsOf = (...of: Parameters<typeof workMarks>): Element[] =>
  workMarks(...of).map(mark => badge(mark).node);

/** The files of an open conflict with their paths, and whose changes they are. */
export function conflictParts({ conflict }: SessionDelivery): Element[] {
  if (conflict === undefined) return [];
  const others = conflict.with.length > 0 ? ` with ${conflict.with.join(', ')}` : '';
  return [
    el('p', { class: 'why' }, `Conflict${others} in ${counted(conflict.files.length, 'file')}:`),
    filesList(conflict.files, 'Files in conflict'),
  ];
}

const MOST_FILES = 200;

/** @param left how many there are besides. */
export function filesList(files: readonly string[], label: string, left = 0): Element {
  const shown = files.slice(0, MOST_FILES);
  const more = files.length - shown.length + left;
  return el(
    'ul',
    { class: 'files', tabindex: 0, 'aria-label': label },
    ...shown.map(file => el('li', {}, el('bdi', { dir: 'ltr' }, shownName(file)))),
    ...(more > 0 ? [el('li', {}, `and ${more} more`)] : []),
  );
}

function logPart(name: string, log: ChecksDetail['setup']): Element[] {
  if (log === undefined) return [];
  return [
    el('h4', {}, log.cut ? `${name} (the end of it)` : name),
    el('pre', { class: 'output', tabindex: 0, 'aria-label': name }, seen(log.text)),
  ];
}

function outcomeParts({ kind, command = '', how = '', output, durationMs }: CheckOutcome): Element[] {
  const words = { green: 'The checks pass', red: `${seen(command)}: ${how}`, cut: 'The checks were cut off' }[
    kind
  ];
  return [
    el('p', { role: 'status' }, `${words} (${formatDuration(durationMs)}).`),
    ...(output === undefined ? [] : [el('pre', { class: 'output', tabindex: 0 }, seen(output))]),
  ];
}
