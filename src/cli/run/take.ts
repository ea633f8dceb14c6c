import type { OpenOptions } from '../../sdk/group/api/take-over.ts';
import type { GroupStore, StoredGroup } from '../../sdk/group/store/store.ts';
import type { CliContext } from '../context.ts';
import type { DrivenGroup, PluginOption } from '../services.ts';
import { type CompanionOptions, withCompanions } from './companions.ts';

/** Takes over a saved group; starts nothing yet. */
export function takeGroup(
  { group }: StoredGroup,
  store: GroupStore,
  context: CliContext,
  {
    pauseInterrupted = false,
    takeOver = false,
    plugins = true,
    ...companions
  }: OpenOptions & CompanionOptions & PluginOption = {},
): Promise<DrivenGroup> {
  return withCompanions(companions, store, context, options =>
    context.services.openGroup(group.id, { ...options, pauseInterrupted, takeOver, plugins }),
  );
}
