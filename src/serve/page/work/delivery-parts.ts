import { visible } from '../../../words/visible.ts';
import type { RepositoryDelivery } from '../../delivery-types.ts';
import { el } from '../dom/el.ts';
import { shownName } from '../model/diff.ts';
import { filesList } from './session-work.ts';

/** A repository: what delivering does there, the refs that move, and the files in the way. */
export function repositoryParts(found: RepositoryDelivery): Element[] {
  const { project, moves, files, merged } = found;
  return [
    el(
      'p',
      { class: 'repository' },
      el('bdi', { dir: 'ltr' }, shownName(project)),
      `: ${deliveryWords(found)}`,
      ...(merged === null ? [] : [` (merged: ${merged.slice(0, 12)})`]),
    ),
    ...(moves.length === 0
      ? []
      : [
          el(
            'ul',
            { class: 'moves' },
            ...moves.map(({ ref, from, to }) =>
              el(
                'li',
                {},
                el('code', {}, shownName(ref)),
                `  ${from?.slice(0, 12) ?? 'new'} → ${to.slice(0, 12)}`,
              ),
            ),
          ),
        ]),
    ...(files.length === 0 ? [] : [filesList(files, 'Files in the way')]),
  ];
}

function deliveryWords({ delivery, into, reason = '' }: RepositoryDelivery): string {
  const branch = shownName(into ?? '');
  const why = visible(reason);
  return {
    none: into === undefined ? 'no branch of yours is named' : 'nothing has been merged',
    ready: `goes into ${branch}`,
    behind: `goes into ${branch}, which has moved on: it is merged and checked first`,
    done: `${branch} has it already`,
    conflict: `conflict: ${why}`,
    refused: `refused: ${why}`,
    unreadable: `cannot be read: ${why}`,
  }[delivery];
}
