import { type GroupStatus, isLiveGroup } from '../../../../machines/vocabulary.ts';
import type { GroupResult } from '../progress/progress.ts';
import type { GroupOwner } from '../store/store.ts';

/** The status of a saved group: `interrupted` if its journal says that it is live, but its owner is dead. */
export type KeptStatus = GroupStatus | 'interrupted';

/** The result of a saved group, whether or not it is running. */
export type SavedResult = Omit<GroupResult, 'status'> & { readonly status: KeptStatus };

export function keptStatus(status: GroupStatus, owner: GroupOwner | undefined): KeptStatus {
  return isLiveGroup(status) && owner?.alive !== true ? 'interrupted' : status;
}
