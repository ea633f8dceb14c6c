import type { GroupProgress } from '../../sdk/group/progress.ts';
import type { StoredGroup } from '../../sdk/group/store.ts';
import type { CliContext } from '../context.ts';
import { findGroup } from './find.ts';
import { lookAt } from './look.ts';
import { isPassing } from './reach.ts';
import { type ShownStatus, shownStatus } from './status.ts';

/** A group as `show` tells it. */
export interface Picture {
  readonly stored: StoredGroup;
  readonly progress: GroupProgress;
  readonly status: ShownStatus;
}

/** From the live owner where there is one that listens, else from the journal. */
export async function pictureOf(word: string, context: CliContext): Promise<Picture> {
  const { io, services } = context;
  return pictureFrom(await findGroup(word, await services.openStore(io.env), context), context);
}

export async function pictureFrom(stored: StoredGroup, context: CliContext): Promise<Picture> {
  const { services } = context;
  const progress = (await askOwner(stored, context)) ?? (await lookAt(stored, services)).view.progress;
  return { stored, progress, status: shownStatus(progress.status, stored.owner) };
}

async function askOwner(
  { owner }: StoredGroup,
  { services }: CliContext,
): Promise<GroupProgress | undefined> {
  if (owner?.alive !== true || owner.address === undefined) return undefined;
  try {
    const client = await services.connect(owner.address);
    try {
      return await client.request('status', {});
    } finally {
      client.close();
    }
  } catch (error) {
    if (isPassing(error)) return undefined; // the journal knows as much
    throw error;
  }
}
