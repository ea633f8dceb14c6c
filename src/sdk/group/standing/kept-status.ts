import { type GroupStatus, isLiveGroup } from '../../../../machines/vocabulary.ts';
import type { GroupResult } from '../progress/progress.ts';
import type { GroupMeta, GroupOwner } from '../store/store.ts';

/** The status of a saved group: `interrupted` if its journal says that it is live, but its owner is dead. */
export type KeptStatus = GroupStatus | 'interrupted';

/** The result of a saved group, whether or not it is running. */
export type SavedResult = Omit<GroupResult, 'status'> & { readonly status: KeptStatus };

/** A listed group, with its current status. */
export interface ListedMeta extends Omit<GroupMeta, 'status'> {
  readonly status: KeptStatus;
  /** The process that runs it; absent if it isn't running. */
  readonly owner?: GroupOwner;
  /** Why it is not known who runs it, if anybody does: its lock can't be read. */
  readonly ownerUnreadable?: string;
  /** Which of its files is damaged, and the way out; only of a group that was live when its meta was written. */
  readonly damage?: string;
}

export function keptStatus(status: GroupStatus, owner: GroupOwner | undefined): KeptStatus {
  return isLiveGroup(status) && owner?.alive !== true ? 'interrupted' : status;
}
