import type { Clock } from '../clock.ts';
import { hasLiveEngine } from './attempt-marker.ts';
import { isMarked } from './descendants.ts';
import { endTree } from './end-tree.ts';
import { isLimitOfGroup } from './limit-mark.ts';
import { readTableInTurns } from './process-table.ts';
import { treeWatch } from './tree-watch.ts';

/**
 * Ends everything that a dead engine left running for a group, descendants included. Only the group's owner may call
 * it. Agents whose engine is alive belong to a group with the same id in another data folder and are left alone: the
 * limit does not say whose a process is, so it only counts while there are none of them.
 * Resolves when all have gone, or with a note about those that couldn't be ended.
 */
export async function endOrphans(groupId: string, clock: Clock): Promise<string | undefined> {
  const isOfGroup = (marker: string): boolean => marker.startsWith(`${groupId}:`);
  let hasTwin = false;
  const look = readTableInTurns(entry => {
    hasTwin ||= isMarked(entry, marker => isOfGroup(marker) && hasLiveEngine(marker));
  });
  await look.catch(() => {
    hasTwin = true;
  });
  const tree = treeWatch(clock).ofClaimed(
    entry =>
      isMarked(entry, marker => isOfGroup(marker) && !hasLiveEngine(marker)) ||
      (!hasTwin && isLimitOfGroup(entry.limit(), groupId)),
  );
  const note = await endTree(tree, clock, { urgency: 'terminate' }).gone;
  tree.release();
  return note;
}
