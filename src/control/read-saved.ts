import { isLiveGroup } from '../../machines/vocabulary.ts';
import { type Clock, sleep, systemClock } from '../sdk/clock.ts';
import type { SavedResult } from '../sdk/group/standing/kept-status.ts';
import type { GroupView } from '../sdk/group/standing/view.ts';
import type { GroupStore, StoredGroup } from '../sdk/group/store/store.ts';

/** Makes a picture of a group out of its journal. */
export interface Viewer {
  viewGroup(stored: StoredGroup): GroupView | Promise<GroupView>;
}

export interface SavedGroupView {
  readonly stored: StoredGroup;
  readonly view: GroupView;
  /** How it stands, also when nobody runs it any more. */
  readonly result: SavedResult;
}

/** How a kept group stands, by its journal. */
export async function readSaved(stored: StoredGroup, { viewGroup }: Viewer): Promise<SavedGroupView> {
  const view = await viewGroup(stored);
  const result = view.interrupted ? { ...view.result, status: 'interrupted' as const } : view.result;
  return { stored, view, result };
}

const PATIENCE_MS = 5_000;
const PAUSE_MS = 50;

/** The same once the group rests or its owner is known to be dead: a killed process lingers for a moment. */
export async function readSavedAtRest(
  id: string,
  store: GroupStore,
  viewer: Viewer,
  clock: Clock = systemClock,
): Promise<SavedGroupView> {
  const deadline = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    const look = await readSaved(await store.read(id), viewer);
    if (!isLiveGroup(look.result.status) || clock.monotonic() > deadline) return look;
    await sleep(clock, PAUSE_MS);
  }
}
