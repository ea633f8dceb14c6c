import type { GroupProgress } from '../sdk/group/progress/progress.ts';
import { type KeptStatus, keptStatus } from '../sdk/group/standing/kept-status.ts';
import type { StoredGroup } from '../sdk/group/store/store.ts';
import { isTransient, type Owners } from './reach.ts';
import { readSaved, type Viewer } from './read-saved.ts';
import { isNotAnswering } from './wire/failure.ts';

/** A group's current state, whichever process runs it. */
export interface CurrentGroup {
  readonly stored: StoredGroup;
  readonly progress: GroupProgress;
  readonly status: KeptStatus;
}

/** Asks the live owner if it listens, else reads the journal. */
export async function currentGroup(stored: StoredGroup, access: Viewer & Owners): Promise<CurrentGroup> {
  const progress = (await askOwner(stored, access)) ?? (await readSaved(stored, access)).view.progress;
  return { stored, progress, status: keptStatus(progress.status, stored.owner) };
}

async function askOwner(stored: StoredGroup, { ownerOf }: Owners): Promise<GroupProgress | undefined> {
  const connecting = ownerOf(stored);
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
