import type { Clock } from '../clock.ts';
import { hasLiveEngine } from './attempt-marker.ts';
import { markedTree } from './descendants.ts';
import { endTree } from './end-tree.ts';

/**
 * Ends whatever a dead engine has left running of a group, descendants included. Only the group's owner may call it.
 * Agents whose engine lives are another group's, of the same id in another data folder, and are left alone.
 * Resolves when all have gone, with a note about those that could not be ended.
 */
export function endOrphans(groupId: string, clock: Clock): Promise<string | undefined> {
  return endTree(
    markedTree(marker => marker.startsWith(`${groupId}:`) && !hasLiveEngine(marker)),
    clock,
    'terminate',
  ).gone;
}
