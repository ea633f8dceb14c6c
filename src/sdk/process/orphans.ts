import type { Clock } from '../clock.ts';
import { hasLiveEngine } from './attempt-marker.ts';
import { markedTree } from './descendants.ts';
import { endTree } from './end-tree.ts';

/**
 * Ends everything that a dead engine left running for a group, descendants included. Only the group's owner may call
 * it. Agents whose engine is alive belong to a group with the same id in another data folder and are left alone.
 * Resolves when all have gone, or with a note about those that couldn't be ended.
 */
export function endOrphans(groupId: string, clock: Clock): Promise<string | undefined> {
  return endTree(
    markedTree(marker => marker.startsWith(`${groupId}:`) && !hasLiveEngine(marker)),
    clock,
    'terminate',
  ).gone;
}
