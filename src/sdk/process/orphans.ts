import type { Clock } from '../clock.ts';
import { hasLiveEngine } from './attempt-marker.ts';
import { isMarked } from './descendants.ts';
import { type EndTreeOptions, endTree } from './end-tree.ts';
import { isLimitOfGroup } from './limit-mark.ts';
import type { ProcessEntry } from './process-table.ts';
import { treeWatch } from './tree-watch.ts';

/**
 * Ends everything that a dead engine left running for a group, descendants included. Only the group's owner may call
 * it. Agents whose engine is alive belong to a group with the same id in another data folder and are left alone: the
 * limit does not say whose a process is, so in a look that finds any of them it does not count.
 * Resolves when all have gone, or with a note about those that couldn't be ended.
 */
export async function endOrphans(
  groupId: string,
  clock: Clock,
  watch = treeWatch(clock),
  send?: EndTreeOptions['send'],
): Promise<string | undefined> {
  const isOfGroup = (marker: string): boolean => marker.startsWith(`${groupId}:`);
  const isLeft = (entry: ProcessEntry): boolean =>
    isMarked(entry, marker => isOfGroup(marker) && !hasLiveEngine(marker));
  const isTwin = (entry: ProcessEntry): boolean =>
    isMarked(entry, marker => isOfGroup(marker) && hasLiveEngine(marker));
  const tree = watch.ofClaimed(
    (entry, table) => isLeft(entry) || (isLimitOfGroup(entry.limit(), groupId) && !table.some(isTwin)),
  );
  const note = await endTree(tree, clock, { urgency: 'terminate', ...(send && { send }) }).gone;
  tree.release();
  return note;
}
