import { GROUP_STATUSES, isLiveStatus as isLive } from '../../../machines/vocabulary.ts';
import type { KeptResult, KeptStatus } from '../../sdk/group/kept-status.ts';
import type { GroupMeta, GroupOwner } from '../../sdk/group/store.ts';

/** As people see it: the journal says that it is live, but nobody runs it any more (design-docs/spec.md §4). */
export type ShownStatus = KeptStatus;
export { isLive };

export const SHOWN_STATUSES: readonly ShownStatus[] = [...GROUP_STATUSES, 'interrupted'];

/** How a group stands, also when nobody runs it any more. */
export type ShownResult = KeptResult;

export interface ListedGroup extends Omit<GroupMeta, 'status'> {
  readonly status: ShownStatus;
  /** Who runs it; absent when nobody does. */
  readonly owner?: GroupOwner;
}
