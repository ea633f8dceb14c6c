import { resolve } from 'node:path';
import { z } from 'zod';
import { type CliContext, definitionPath } from '../../context.ts';
import { changeGroup } from '../../groups/change.ts';
import { Overrides, overrideDefinition } from '../../run/overrides.ts';
import type { DrivenGroup } from '../../services.ts';
import { printDiagnostics } from '../../terminal.ts';

const UpdateOptions = Overrides.extend({
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
  const { dryRun, json, takeOver, ...overrides } = UpdateOptions.parse(given);
  const loaded = await services.loadDefinition(definitionPath(file, io), io.env);
  printDiagnostics(loaded.warnings, io);
  const definition = overrideDefinition(loaded.definition, overrides);
  const { files, source: read } = loaded;
  const source = read === undefined ? {} : { source: { file: resolve(io.cwd, file), text: read.text } };
  const origin = { ...source, files };
  const change = { kind: 'update', definition, ...origin } as const;
  const here = (group: DrivenGroup) => group.update(definition, { ...origin, dryRun });
  context.exitCode = await changeGroup(word, { change, here, dryRun, json, takeOver }, context);
}
