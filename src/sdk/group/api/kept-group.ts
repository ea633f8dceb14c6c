import type { GroupProgress } from '../progress/progress.ts';
import type { KeptStatus } from '../standing/kept-status.ts';
import type { GroupMeta, GroupOwner } from '../store/store.ts';
import type { SessionGroup } from '../types.ts';

/** A saved group. */
export interface KeptGroup {
  readonly group: SessionGroup;
  readonly status: KeptStatus;
  readonly meta: GroupMeta;
  /** The process that runs it; `alive: false` if that process died. */
  readonly owner?: GroupOwner;
  /** Why it is not known who runs it, if anybody does: its lock can't be read. */
  readonly ownerUnreadable?: string;
  readonly dir?: string;
}

/** The progress of a group and its sessions. */
export interface GroupStanding extends Omit<GroupProgress, 'status'> {
  readonly status: KeptStatus;
  /** Why it is not known who runs it, if anybody does: its lock can't be read. */
  readonly ownerUnreadable?: string;
}
