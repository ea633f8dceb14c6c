import { SessionGroupsError } from '../../sdk/errors.ts';
import type { SessionGroupInput } from '../../sdk/group/types.ts';
import type { CreatedGroup } from '../api-types.ts';
import type { ApiWorld } from './world.ts';

export interface CreateRequest {
  readonly definition: Readonly<Record<string, unknown>>;
  /** Base of relative paths. Default: the server's working directory. */
  readonly baseDir?: string | undefined;
  /** Start it at once. */
  readonly run: boolean;
}

/**
 * Saves a group, and starts it if requested.
 * @throws DefinitionError; the error of a failed start, with the id of the group, which stays saved.
 */
export async function createGroup(
  { definition, baseDir, run }: CreateRequest,
  { manager, residents }: ApiWorld,
): Promise<CreatedGroup> {
  const origin = baseDir === undefined ? {} : { baseDir };
  // The engine validates it and reports every problem with its location.
  const group = await manager.create(definition as unknown as SessionGroupInput, origin);
  const { id } = group;
  if (!run) {
    await group.dispose();
    return { groupId: id };
  }
  try {
    await residents.host(id, {}, opened => opened.run());
    return { groupId: id };
  } catch (error) {
    if (!(error instanceof SessionGroupsError)) throw error;
    const hint = [error.hint, `The group was saved as ${id}.`].filter(part => part !== undefined).join(' ');
    const Same = error.constructor as typeof SessionGroupsError;
    throw new Same(error.code, error.message, { hint, cause: error });
  }
}
