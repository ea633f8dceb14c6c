import type { GroupStatus } from '../../../machines/vocabulary.ts';
import type { GroupResult } from '../../sdk/group/progress.ts';
import type { GroupMeta, GroupOwner, GroupStore } from '../../sdk/group/store.ts';

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

/** The meta with the status as it is: a damaged group keeps the one that was written down. */
export async function withShownStatus(meta: GroupMeta, store: GroupStore): Promise<ListedGroup> {
  if (!LIVE.has(meta.status)) return meta;
  try {
    const { owner } = await store.read(meta.id);
    const status = shownStatus(meta.status, owner);
    return { ...meta, status, ...(owner?.alive === true ? { owner } : {}) };
  } catch {
    return meta;
  }
}
