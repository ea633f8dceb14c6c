import type { Clock } from '../../clock.ts';
import { given } from '../../given.ts';
import type { GroupProgress } from '../progress/progress.ts';
import { type KeptStatus, keptStatus } from '../standing/kept-status.ts';
import { foldOf } from '../standing/saved-group.ts';
import { viewGroup } from '../standing/view.ts';
import type { GroupMeta, GroupOwner, StoredGroup } from '../store/store.ts';
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

export function keptGroup(stored: StoredGroup): KeptGroup {
  const { group, meta, owner, ownerUnreadable, dir } = stored;
  return given({
    group,
    status: keptStatus(foldOf(stored).status, owner),
    meta,
    owner,
    ownerUnreadable,
    dir,
  });
}

/** As its journal has it. */
export function standingOf(stored: StoredGroup, clock: Clock): GroupStanding {
  const { progress } = viewGroup(stored, clock);
  const { owner, ownerUnreadable } = stored;
  return { ...progress, status: keptStatus(progress.status, owner), ...given({ ownerUnreadable }) };
}
