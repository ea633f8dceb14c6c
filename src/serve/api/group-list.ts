import { currentGroup } from '../../control/current-group.ts';
import { given } from '../../sdk/given.ts';
import type { ListFilter } from '../../sdk/group/api/list-groups.ts';
import { type Attention, attentionTo, attentionToListed } from '../../sdk/group/standing/attention.ts';
import type { ListedGroupView } from '../api-types.ts';
import type { ApiWorld } from './world.ts';

/** Groups, newest first, each with what of it waits for a person. */
export async function listedGroups(
  filter: ListFilter,
  world: Pick<ApiWorld, 'manager' | 'access'>,
): Promise<ListedGroupView[]> {
  const groups = await world.manager.list(filter);
  return Promise.all(
    groups.map(async group => ({ ...group, ...given({ attention: await attentionIn(group, world) }) })),
  );
}

/** Only a group that runs can wait for an approval: of no other is more read than what the list has. */
async function attentionIn(
  group: ListedGroupView,
  { access }: Pick<ApiWorld, 'access'>,
): Promise<Attention | undefined> {
  if (group.owner?.alive !== true || group.counts.total === 0) return attentionToListed(group);
  try {
    const { stored, status, progress } = await currentGroup(await access.read(group.id), access);
    return attentionTo(status, given({ ...progress, toDeliver: group.toDeliver }), stored.owner);
  } catch {
    return undefined; // it is gone, or can't be read just now: the list says so where it matters
  }
}
