import { askToRedefine } from '../../control/redefine.ts';
import { parseDefinition } from '../../sdk/group/definition/definition.ts';
import type { DefinitionChanges } from '../../sdk/group/definition/definition-changes.ts';
import type { ApiWorld } from './world.ts';

export interface UpdateRequest {
  readonly definition: Readonly<Record<string, unknown>>;
  /** Where relative paths start. Default: the server's working directory. */
  readonly baseDir?: string | undefined;
  readonly dryRun: boolean;
}

/**
 * Gives a group a new definition, also while it runs; starts nothing that was at rest.
 * @throws DefinitionError; RefusedError `sessions_in_the_way`, and where its state does not allow it.
 */
export async function updateGroup(
  id: string,
  { definition, baseDir, dryRun }: UpdateRequest,
  { access, residents, env }: ApiWorld,
): Promise<DefinitionChanges> {
  const origin = baseDir === undefined ? {} : { baseDir };
  const loaded = await parseDefinition(definition, { env, ...origin });
  const { templates, sharedConfig } = loaded.files;
  const files = { templates: { ...templates }, sharedConfig: { ...sharedConfig } };
  return access.reach(id, {
    owned: client =>
      askToRedefine(client, { kind: 'update', definition: loaded.definition, files }, { dryRun }),
    free: () =>
      residents.borrow(id, {}, group => group.update(loaded.definition, { files: loaded.files, dryRun })),
  });
}
