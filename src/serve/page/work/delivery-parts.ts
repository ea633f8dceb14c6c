import { repositoryName } from '../../../words/delivery-words.ts';
import { visible } from '../../../words/visible.ts';
import type { RepositoryDelivery } from '../../delivery-types.ts';
import { el } from '../dom/el.ts';
import { shownName } from '../texts/diff.ts';
import { hasMergedChange } from './delivery-standing.ts';
import { filesList } from './session-work.ts';

/** Each repository: what delivering does there, the refs that move, and the files in the way. */
export const repositoriesParts = (all: readonly RepositoryDelivery[]): Element[] =>
  all.flatMap(found => {
    const { merged } = found;
    const more = merged === null ? '' : ` (merged: ${merged.slice(0, 12)})`;
    return repositoryParts(found, all, `${deliveryWords(found)}${more}`);
  });

interface Found {
  readonly repository: string;
  readonly project: string;
  /** `from` null: the branch is new; `to` null: it goes. */
  readonly moves: readonly {
    readonly ref: string;
    readonly from: string | null;
    readonly to: string | null;
  }[];
  readonly files: readonly string[];
}

/** One of these repositories with what happens to it, the refs that move, and the files in the way. */
export function repositoryParts(found: Found, all: readonly Found[], words: string): Element[] {
  const { moves, files } = found;
  const name = shownName(repositoryName(found, all));
  const move = ({ ref, from, to }: Found['moves'][number]) =>
    el(
      'li',
      {},
      el('code', {}, shownName(ref)),
      `  ${from?.slice(0, 12) ?? 'new'} → ${to?.slice(0, 12) ?? 'none'}`,
    );
  return [
    el('p', { class: 'repository' }, el('bdi', { dir: 'ltr' }, name), `: ${words}`),
    ...(moves.length === 0 ? [] : [el('ul', { class: 'moves' }, ...moves.map(move))]),
    ...(files.length === 0 ? [] : [filesList(files, 'Files in the way')]),
  ];
}

function deliveryWords(found: RepositoryDelivery): string {
  const { delivery, into, merged, reason = '' } = found;
  const branch = shownName(into ?? '');
  const why = visible(reason);
  return {
    none: hasMergedChange(found)
      ? 'goes into a branch that you name'
      : `nothing has been ${merged === null ? 'merged' : 'changed'}`,
    ready: `goes into ${branch}`,
    behind: `goes into ${branch}, which has moved on: it is merged and checked first`,
    done: `${branch} has it already`,
    conflict: `conflict: ${why}`,
    refused: `refused: ${why}`,
    unreadable: `cannot be read: ${why}`,
  }[delivery];
}
