import { SessionGroupsError } from '../../sdk/errors.ts';
import type { SessionGroupInput } from '../../sdk/group/types.ts';
import type { CreatedGroup } from '../api-types.ts';
import type { ApiWorld } from './world.ts';

export interface CreateRequest {
  readonly definition: Readonly<Record<string, unknown>>;
  /** Where relative paths start. Default: the server's working directory. */
  readonly baseDir?: string | undefined;
  /** Starts it at once. */
  readonly run: boolean;
}

/**
 * Keeps a group, and starts it if that is asked for.
 * @throws DefinitionError; what keeps it from starting, with the id of the group, which is kept all the same.
 */
export async function createGroup(
  { definition, baseDir, run }: CreateRequest,
  { manager, residents }: ApiWorld,
): Promise<CreatedGroup> {
  const origin = baseDir === undefined ? {} : { baseDir };
  // It is checked by the engine, which knows every problem's place.
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
    const hint = [error.hint, `The group is kept as ${id}.`].filter(part => part !== undefined).join(' ');
    const Same = error.constructor as typeof SessionGroupsError;
    throw new Same(error.code, error.message, { hint, cause: error });
  }
}
