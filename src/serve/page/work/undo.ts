import { visible } from '../../../words/visible.ts';
import type { DeliveryDetail, RepositoryUndo } from '../../delivery-types.ts';
import { type Button, button } from '../controls/button.ts';
import { ask } from '../controls/dialog.ts';
import { el } from '../dom/el.ts';
import type { GroupContext } from '../group/part.ts';
import { attempted } from './attempted.ts';
import { repositoryParts } from './delivery-parts.ts';

/** Whether something of a delivery that stopped part-way could be taken back. */
export const isUndoable = ({ undo }: DeliveryDetail): boolean => undo.some(found => found.undo !== 'done');

/** Takes back a delivery that stopped part-way, after the refs that go back were listed and confirmed. */
export function undoButton(
  { request, tell }: GroupContext,
  read: () => Promise<DeliveryDetail>,
  done: () => void,
): Button {
  return button({
    label: 'Take back…',
    act: () =>
      attempted(tell, async () => {
        const { undo } = await read();
        const parts = undo.flatMap(found => repositoryParts(found, undo, undoWords(found)));
        const isPossible = undo.every(found => found.undo === 'ready' || found.undo === 'done');
        const words = isPossible
          ? 'Exactly these refs go back to where they were, with the files of the tree that has them checked out.'
          : 'As it is, nothing moves.';
        const sure = await ask({
          title: isPossible ? 'Take back what was delivered?' : 'It cannot be taken back',
          body: [el('p', {}, words), ...parts],
          ...(isPossible ? { yes: 'Take back', kind: 'danger' } : { yes: 'Close', kind: 'primary' }),
          read: () => true,
        });
        if (sure && isPossible) await request('/undo-delivery');
        done();
      }),
  });
}

function undoWords({ undo, into, reason = '' }: RepositoryUndo): string {
  const branch = visible(into);
  return {
    ready: `${branch} goes back`,
    done: `${branch} has nothing of it`,
    refused: `refused: ${visible(reason)}`,
    unreadable: `cannot be read: ${visible(reason)}`,
  }[undo];
}
