import { counted } from '../../sdk/format.ts';
import type { RepositoryDelivery, RepositoryUndo } from '../../sdk/group/delivery/delivered.ts';
import { repositoryName } from '../../words/delivery-words.ts';
import { cleanLine } from '../text.ts';

/** What integrating does in a repository, one of these: its name, and the refs that move, one a line. */
export function integrateLines(found: RepositoryDelivery, all: readonly RepositoryDelivery[]): string[] {
  const { into, merged, delivery, moves, reason, files } = found;
  const branch = cleanLine(into ?? '');
  const words = {
    none: merged === null ? 'nothing has been merged' : 'no branch was named: --into BRANCH',
    ready: `into ${branch}`,
    behind: `into ${branch}, which has moved on: it is merged and checked first`,
    done: `${branch} has it already`,
    conflict: `conflict: ${cleanLine(reason ?? '')}`,
    refused: `refused: ${cleanLine(reason ?? '')}`,
    unreadable: `cannot be read: ${cleanLine(reason ?? '')}`,
  }[delivery];
  return [`${cleanLine(repositoryName(found, all))}: ${words}`, ...below(moves, files)];
}

/** What taking a delivery back does in a repository, in the same way. */
export function undoLines(found: RepositoryUndo, all: readonly RepositoryUndo[]): string[] {
  const { into, undo, moves, reason, files } = found;
  const branch = cleanLine(into);
  const words = {
    ready: `${branch} goes back`,
    done: `${branch} has nothing of it`,
    refused: `refused: ${cleanLine(reason ?? '')}`,
    unreadable: `cannot be read: ${cleanLine(reason ?? '')}`,
  }[undo];
  return [`${cleanLine(repositoryName(found, all))}: ${words}`, ...below(moves, files)];
}

function below(
  moves: readonly { readonly ref: string; readonly from: string | null; readonly to: string | null }[],
  files: readonly string[],
): string[] {
  const shown = files.slice(0, MOST_FILES).map(file => `  ${cleanLine(file)}`);
  const more = files.length - shown.length;
  return [
    ...moves.map(({ ref, from, to }) => `  ${cleanLine(ref)}  ${short(from, 'new')} → ${short(to, 'none')}`),
    ...shown,
    ...(more > 0 ? [`  and ${counted(more, 'file')} more`] : []),
  ];
}

const MOST_FILES = 20;

const short = (id: string | null, none: string): string => id?.slice(0, 12) ?? none;
