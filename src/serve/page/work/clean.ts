import { counted } from '../../../sdk/format.ts';
import { visible } from '../../../words/visible.ts';
import type { CleanedGroup, UnmergedWork } from '../../delivery-types.ts';
import { type Button, button } from '../controls/button.ts';
import { confirmed } from '../controls/dialog.ts';
import { el } from '../dom/el.ts';
import type { GroupContext } from '../group/part.ts';
import { shownName } from '../texts/diff.ts';
import { attempted } from './attempted.ts';
import { filesList } from './session-work.ts';

/**
 * Removes trees: first those that lose nothing. What is left is listed, and only removed once it was confirmed that it is
 * archived instead.
 */
export function cleanButton({ api, path, tell }: GroupContext, done: () => void): Button {
  const post = (body: object) => api.post<CleanedGroup>(`${path}/clean`, body);
  return button({
    label: 'Remove trees…',
    act: () =>
      attempted(tell, async () => {
        const words =
          'Trees of settled sessions whose work is merged are removed. Branches stay, and so does any tree with work that is nowhere else.';
        if (!(await confirmed('Remove trees?', words, 'Remove'))) return;
        const safe = await post({});
        const losses = safe.kept.filter(canArchive);
        const sure = losses.length > 0 && (await archives(losses));
        const more = sure ? await post({ discard: true }) : { released: [], kept: safe.kept };
        const removed = [...safe.released, ...more.released].join(', ') || 'none';
        tell(`Removed: ${removed}.${stays(more.kept)}`);
        done();
      }),
  });
}

/** Its tree goes with `discard`: the rest of what is kept can't be archived, or its session goes on. */
const canArchive = ({ only, problem }: UnmergedWork): boolean => only.length === 0 && problem === undefined;

const stays = (kept: readonly UnmergedWork[]): string =>
  kept.length > 0
    ? ` Kept, with work that is nowhere else: ${kept.map(({ session }) => session).join(', ')}.`
    : '';

function archives(losses: readonly UnmergedWork[]): Promise<boolean> {
  const words =
    'These trees have work that is nowhere else. It is archived first, in the repository of each, under refs/session-groups/archive/; then the trees are removed.';
  return confirmed(
    `Archive the work of ${counted(losses.length, 'session')}, and remove the trees?`,
    words,
    'Archive and remove',
    [el('ul', { class: 'works losses' }, ...losses.map(lossItem))],
  );
}

function lossItem({ session, project, dirty, moreDirty, commit }: UnmergedWork): Element {
  const files = dirty.length + moreDirty;
  const what = [
    ...(commit === null ? [] : [`commit ${commit.slice(0, 12)}, not merged`]),
    ...(files === 0 ? [] : [counted(files, 'uncommitted file')]),
  ].join(', ');
  return el(
    'li',
    {},
    el('p', {}, `${visible(session)} in `, el('bdi', { dir: 'ltr' }, shownName(project)), `: ${what}`),
    ...(files === 0 ? [] : [filesList(dirty, `Uncommitted files of ${session}`, moreDirty)]),
  );
}
