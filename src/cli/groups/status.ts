import type { GroupStatus } from '../../../machines/vocabulary.ts';
import type { GroupResult } from '../../sdk/group/progress.ts';
import type { GroupMeta, GroupOwner } from '../../sdk/group/store.ts';

/** As people see it: the journal says that it is live, but nobody runs it any more (design-docs/spec.md §4). */
export type ShownStatus = GroupStatus | 'interrupted';

export const SHOWN_STATUSES: readonly ShownStatus[] = [
  'created',
  'running',
  'pausing',
  'paused',
  'stopping',
  'stopped',
  'completed',
  'failed',
  'interrupted',
];

const LIVE: ReadonlySet<string> = new Set(['running', 'pausing', 'stopping']);

/** How a group stands, also when nobody runs it any more. */
export type ShownResult = Omit<GroupResult, 'status'> & { readonly status: ShownStatus };

export const isLive = (status: string): boolean => LIVE.has(status);

export function shownStatus(status: GroupStatus, owner: GroupOwner | undefined): ShownStatus {
  return LIVE.has(status) && owner?.alive !== true ? 'interrupted' : status;
}

export interface ListedGroup extends Omit<GroupMeta, 'status'> {
  readonly status: ShownStatus;
  /** Who runs it; absent when nobody does. */
  readonly owner?: GroupOwner;
}
