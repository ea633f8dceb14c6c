import { hostname } from 'node:os';
import { type Owners, type Reach, reachGroup, type Ways } from '../../control/reach.ts';
import type { Viewer } from '../../control/read-saved.ts';
import { connectControl } from '../../control/wire/client.ts';
import { systemSockets } from '../../control/wire/sockets.ts';
import type { Clock } from '../../sdk/clock.ts';
import { SessionGroupsError } from '../../sdk/errors.ts';
import { given } from '../../sdk/given.ts';
import { foldOf } from '../../sdk/group/standing/saved-group.ts';
import { viewGroup } from '../../sdk/group/standing/view.ts';
import type { GroupStore, StoredGroup, TakeOptions } from '../../sdk/group/store/store.ts';
import type { OwnerView } from '../api-types.ts';
import type { Residents } from './residents.ts';

/** Access to saved groups, whether this process, another one, or none runs them. */
export interface GroupAccess extends Viewer, Owners {
  readonly store: GroupStore;
  /** @param id the full id: a slug or prefix may mean another group later. @throws `unknown_group`. */
  read(id: string): Promise<StoredGroup>;
  /** Calls the function for the current owner, and retries if the owner changes meanwhile. */
  reach<T>(id: string, ways: Ways<T>, options?: TakeOptions): Promise<T>;
}

export function groupAccess(
  store: GroupStore,
  residents: Residents,
  clock: Clock,
  sockets = systemSockets,
): GroupAccess {
  const read = async (id: string): Promise<StoredGroup> => {
    const stored = await store.read(id);
    if (stored.group.id !== id) throw unknownGroup(id);
    return stored;
  };
  const ownerOf: Owners['ownerOf'] = ({ group, owner }) => {
    const here = residents.find(group.id);
    if (here !== undefined) return here;
    return owner?.alive !== true || owner.address === undefined
      ? undefined
      : connectControl(owner.address, { clock, sockets });
  };
  const reachOf = (id: string): Reach => ({ find: () => read(id), ownerOf, clock });
  return {
    store,
    read,
    ownerOf,
    viewGroup: stored => viewGroup(stored, clock),
    reach: (id, ways, options = {}) => reachGroup({ ...reachOf(id), ...options }, ways),
  };
}

/** The process that runs the group; undefined if none does. */
export function ownerView(stored: StoredGroup): OwnerView | undefined {
  const { owner } = stored;
  if (owner?.alive !== true) return undefined;
  const { pid, host, alive, unchecked, suspended } = owner;
  const here = pid === process.pid && host === hostname() && unchecked !== true;
  const suspendedAt = suspended && foldOf(stored).suspendedAt;
  return given({ pid, host, alive, here, unchecked, suspended, suspendedAt });
}

const unknownGroup = (id: string): SessionGroupsError =>
  new SessionGroupsError('unknown_group', `there is no group ${JSON.stringify(id.slice(0, 100))}`, {
    hint: 'GET /api/v1/groups lists them.',
  });
