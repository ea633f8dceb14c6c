import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { SessionGroupsError } from '../../sdk/errors.ts';
import { given } from '../../sdk/given.ts';
import type { SessionGroupInput } from '../../sdk/group/types.ts';
import type { CreatedGroup } from '../api-types.ts';
import { errorAnswer, HttpError } from '../http/api-error.ts';
import type { ApiWorld } from './world.ts';

export const CreateBody = z.strictObject({
  definition: z.record(z.string(), z.unknown()),
  /** Base of relative paths. Default: the server's working directory. */
  baseDir: z.string().refine(isAbsolute, 'expected an absolute path').optional(),
  variables: z.record(z.string(), z.unknown()).optional(),
  /** Start it at once. */
  run: z.boolean().default(false),
});

/**
 * Saves a group, and starts it if requested.
 * @throws DefinitionError; the error of a failed start, with the id of the group, which stays saved.
 */
export async function createGroup(
  { definition, baseDir, variables, run }: z.output<typeof CreateBody>,
  { manager, residents }: ApiWorld,
): Promise<CreatedGroup> {
  // The engine validates it and reports every problem with its location.
  const group = await manager.create(
    definition as unknown as SessionGroupInput,
    given({ baseDir, variables }),
  );
  const { id } = group;
  if (!run) {
    await group.dispose();
    return { groupId: id };
  }
  try {
    await residents.hostCreated(group, opened => opened.run());
    return { groupId: id };
  } catch (error) {
    if (!(error instanceof SessionGroupsError)) throw error;
    const hint = [error.hint, `The group was saved as ${id}.`].filter(part => part !== undefined).join(' ');
    throw new HttpError(errorAnswer(error).status, error.code, error.message, hint);
  }
}
