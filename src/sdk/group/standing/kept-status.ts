import { type GroupStatus, isLiveGroup } from '../../../../machines/vocabulary.ts';
import type { GroupResult } from '../progress/progress.ts';
import type { GroupOwner } from '../store/store.ts';

/** Of a group that is kept: `interrupted` when its journal says that it is live, and nobody runs it any more. */
export type KeptStatus = GroupStatus | 'interrupted';

/** How a kept group stands, also when nobody runs it any more. */
export type SavedResult = Omit<GroupResult, 'status'> & { readonly status: KeptStatus };

export function keptStatus(status: GroupStatus, owner: GroupOwner | undefined): KeptStatus {
  return isLiveGroup(status) && owner?.alive !== true ? 'interrupted' : status;
}
