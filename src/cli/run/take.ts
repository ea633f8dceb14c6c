import type { OpenOptions } from '../../sdk/group/api/take-over.ts';
import type { GroupStore, StoredGroup } from '../../sdk/group/store/store.ts';
import type { CliContext } from '../context.ts';
import { executorsOf } from '../fleet/executors.ts';
import type { RedisOption } from '../fleet/redis-option.ts';
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
    redis,
    redisFile,
    ...companions
  }: OpenOptions & CompanionOptions & PluginOption & RedisOption = {},
): Promise<DrivenGroup> {
  const executors = executorsOf({ redis, redisFile }, context);
  return withCompanions({ ...companions, redis, redisFile }, store, context, options =>
    context.services.openGroup(group.id, { ...options, executors, pauseInterrupted, takeOver, plugins }),
  );
}
