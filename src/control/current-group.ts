import { given } from '../sdk/given.ts';
import type { GroupProgress } from '../sdk/group/progress/progress.ts';
import { type KeptStatus, keptStatus } from '../sdk/group/standing/kept-status.ts';
import { foldOf } from '../sdk/group/standing/saved-group.ts';
import type { StoredGroup } from '../sdk/group/store/store.ts';
import { type ShownAs, shownStatus } from '../words/marks.ts';
import { isTransient, type Owners } from './reach.ts';
import { readSaved, type Viewer } from './read-saved.ts';
import { isNotAnswering } from './wire/failure.ts';

/** A group's current state, whichever process runs it. */
export interface CurrentGroup {
  readonly stored: StoredGroup;
  readonly progress: GroupProgress;
  readonly status: KeptStatus;
  /** As which status it is shown. */
  readonly shown: ShownAs;
  /** Since when its process is suspended, as far as that is known: ISO 8601, UTC. See `GroupOwner.suspended`. */
  readonly suspendedAt?: string;
}

/** Asks the live owner if it listens, else reads the journal: at once if the owner is suspended. */
export async function currentGroup(stored: StoredGroup, access: Viewer & Owners): Promise<CurrentGroup> {
  const progress = (await askOwner(stored, access)) ?? (await readSaved(stored, access)).view.progress;
  const { owner } = stored;
  const suspendedAt = owner?.suspended ? foldOf(stored).suspendedAt : undefined;
  const status = keptStatus(progress.status, owner);
  return { stored, progress, status, shown: shownStatus(status, owner), ...given({ suspendedAt }) };
}

async function askOwner(stored: StoredGroup, { ownerOf }: Owners): Promise<GroupProgress | undefined> {
  const connecting = stored.owner?.suspended ? undefined : ownerOf(stored);
  if (connecting === undefined) return undefined;
  try {
    const client = await connecting;
    try {
      return await client.request('status', {});
    } finally {
      client.close();
    }
  } catch (error) {
    if (isNotAnswering(error) || isTransient(error)) return undefined; // the journal has the same state
    throw error;
  }
}
