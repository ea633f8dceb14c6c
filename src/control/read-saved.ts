import { isLiveGroup } from '../../machines/vocabulary.ts';
import { type Clock, sleep, systemClock } from '../sdk/clock.ts';
import type { SavedResult } from '../sdk/group/standing/kept-status.ts';
import type { GroupView } from '../sdk/group/standing/view.ts';
import type { GroupStore, StoredGroup } from '../sdk/group/store/store.ts';

/** Builds a view of a group from its journal. */
export interface Viewer {
  viewGroup(stored: StoredGroup): GroupView | Promise<GroupView>;
}

export interface SavedGroupView {
  readonly stored: StoredGroup;
  readonly view: GroupView;
  /** The result, with the status `interrupted` if the owner died. */
  readonly result: SavedResult;
}

/** Reads a saved group from its journal. */
export async function readSaved(stored: StoredGroup, { viewGroup }: Viewer): Promise<SavedGroupView> {
  const view = await viewGroup(stored);
  const result = view.interrupted ? { ...view.result, status: 'interrupted' as const } : view.result;
  return { stored, view, result };
}

const TIMEOUT_MS = 5_000;
const POLL_MS = 50;

/** Waits until the group is at rest or its owner is known to be dead: a killed process lingers for a moment. */
export async function readSavedAtRest(
  id: string,
  store: GroupStore,
  viewer: Viewer,
  clock: Clock = systemClock,
): Promise<SavedGroupView> {
  const deadline = clock.monotonic() + TIMEOUT_MS;
  for (;;) {
    const saved = await readSaved(await store.read(id), viewer);
    if (!isLiveGroup(saved.result.status) || clock.monotonic() > deadline) return saved;
    await sleep(clock, POLL_MS);
  }
}
