import { z } from 'zod';
import type { CliContext } from '../../context.ts';
import { changeGroup } from '../../groups/change.ts';
import { findGroup } from '../../groups/find.ts';
import { DefinitionOptions, givenDefinition } from '../../run/definition-file.ts';
import { Overrides, overrideDefinition } from '../../run/overrides.ts';
import { rehearsalWarnings } from '../../run/rehearsal-warnings.ts';
import type { DrivenGroup } from '../../services.ts';
import { printDiagnostics } from '../../terminal.ts';

const UpdateOptions = Overrides.extend(DefinitionOptions.shape).extend({
  dryRun: z.boolean().default(false),
  json: z.boolean().default(false),
  takeOver: z.boolean().default(false),
});

/** `group update GROUP FILE`: gives a group a new definition, even while it runs. */
export async function groupUpdate(
  context: CliContext,
  word: string,
  file: string,
  given: unknown,
): Promise<void> {
  const { services, io } = context;
  const { dryRun, json, takeOver, ...options } = UpdateOptions.parse(given);
  const { var: pairs, varFile, ...overrides } = options;
  const { group } = await findGroup(word, await services.openStore(io.env), context);
  const loaded = await givenDefinition(file, { var: pairs, varFile }, context, group.definition);
  const definition = overrideDefinition(loaded.definition, overrides);
  printDiagnostics([...loaded.warnings, ...(await rehearsalWarnings(definition))], io);
  const { files, source: read, path } = loaded;
  const source = read && path !== undefined ? { source: { file: path, text: read.text } } : {};
  const origin = { ...source, files };
  const change = { kind: 'update', definition, ...origin } as const;
  const here = (driven: DrivenGroup) => driven.update(definition, { ...origin, dryRun });
  context.exitCode = await changeGroup(word, { change, here, dryRun, json, takeOver }, context);
}
