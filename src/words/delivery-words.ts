import { formatDuration } from '../sdk/format.ts';
import type { GroupEvent } from '../sdk/group/journal/events.ts';

/** What an event says of trees, checks, merges and deliveries, in one line; undefined for others. Raw: not sanitized. */
export function deliveryWords(event: GroupEvent): string | undefined {
  switch (event.type) {
    case 'workspace_ready':
      return `works in ${event.path} on branch ${shortRef(event.branch)}`;
    case 'session_verifying':
      return event.merged ? 'checking it together with what was merged before it' : 'checking what it did';
    case 'session_verified':
      return `checks passed in ${formatDuration(event.durationMs)}`;
    case 'session_integrated':
      return `merged as ${shortId(event.commit)}`;
    case 'session_conflict': {
      const others = event.with.length > 0 ? ` with ${event.with.join(', ')}` : '';
      return `conflict${others} in ${listOf(event.files)}`;
    }
    case 'workspace_removed':
      return `its tree was removed: ${event.path}`;
    case 'group_delivering':
      return `delivering to ${shortRef(event.into)}`;
    case 'delivery_refused':
      return `delivery refused: ${event.message}`;
    case 'group_delivered': {
      const moves = event.repositories.map(({ into, to }) => `${shortRef(into)} at ${shortId(to)}`);
      return moves.length > 0 ? `delivered: ${listOf(moves)}` : 'delivered: no branch had to be moved';
    }
    case 'delivery_undone': {
      const moves = event.repositories.map(
        ({ into, to }) => `${shortRef(into)} at ${to ? shortId(to) : 'nothing'}`,
      );
      return `delivery taken back: ${listOf(moves)}`;
    }
    default:
      return undefined;
  }
}

const shortId = (commit: string): string => commit.slice(0, 12);
const shortRef = (ref: string): string => ref.replace(/^refs\/heads\//, '');

function listOf(names: readonly string[]): string {
  const more = names.length > 10 ? ` and ${names.length - 10} more` : '';
  return names.slice(0, 10).join(', ') + more;
}

/** What a delivery says of a repository. */
interface Named {
  /** Its identity: the folder of its git data. */
  readonly repository: string;
  /** The project of one of its sessions. */
  readonly project: string;
}

/**
 * What a repository is called among others: the name of its folder, or the folder itself where two have the same name. Raw:
 * not sanitized.
 */
export function repositoryName(of: Named, all: readonly Named[]): string {
  const folder = folderOf(of);
  const name = lastOf(folder);
  const isAlone = all.every(other => folderOf(other) === folder || lastOf(folderOf(other)) !== name);
  return isAlone ? name : folder;
}

/** Of what is cloned, which has no folder of the user's around it, the project. */
function folderOf({ repository, project }: Named): string {
  const folder = repository.replace(/[\\/]\.git$/, '');
  return folder === repository ? project : folder;
}

const lastOf = (path: string): string =>
  path
    .replace(/[\\/]+$/, '')
    .split(/[\\/]/)
    .at(-1) || path;
