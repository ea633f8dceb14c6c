import { isLiveGroup } from '../../../machines/vocabulary.ts';
import { given } from '../../sdk/given.ts';
import type { GroupStore } from '../../sdk/group/store/store.ts';
import { watchCommand } from '../advice.ts';
import type { CliContext } from '../context.ts';
import { chosenExecutor, type ExecutorOptions } from '../fleet/executors.ts';
import type { CliIo } from '../io.ts';
import type { DrivenGroup } from '../services.ts';
import { printDiagnostics } from '../terminal.ts';
import { type CompanionOptions, withCompanions } from './companions.ts';
import { type DefinitionOptions, givenDefinition } from './definition-file.ts';
import { overrideDefinition, type RunOverrides } from './overrides.ts';
import { rehearsalWarnings } from './rehearsal-warnings.ts';

/** Creates the group of a definition file, with the overrides of the command line; starts nothing. */
export async function newGroup(
  file: string | undefined,
  options: DefinitionOptions & RunOverrides & CompanionOptions & ExecutorOptions,
  context: CliContext,
): Promise<DrivenGroup> {
  const { io, services } = context;
  const { warnings, files, source, path, ...loaded } = await givenDefinition(file, options, context);
  const definition = overrideDefinition(loaded.definition, options);
  printDiagnostics([...warnings, ...(await rehearsalWarnings(definition))], io);
  const executor = await chosenExecutor(options, context);
  const store = await services.openStore(io.env);
  if (path !== undefined) await warnIfLive(path, store, io);
  if (options.scripted) io.stderr.write(REHEARSAL);
  return withCompanions(options, store, context, chosen =>
    services.createGroup(definition, {
      ...chosen,
      ...given({ executor }),
      files,
      rehearsal: options.scripted,
      ...(source === undefined || path === undefined ? {} : { source: { file: path, text: source.text } }),
    }),
  );
}

const REHEARSAL = 'Rehearsal with scripted agents: no model is called, nothing is spent.\n';

/** Two live groups from the same file would do the same work twice. */
async function warnIfLive(path: string, store: GroupStore, io: CliIo): Promise<void> {
  for (const { id, sourceFile, status } of await store.list()) {
    if (sourceFile !== path || !isLiveGroup(status)) continue;
    const stored = await store.read(id).catch(() => undefined); // a damaged group cannot be running
    if (stored?.owner?.alive !== true) continue;
    io.stderr.write(
      `warning: ${id} is already running from this file. Follow it with: ${watchCommand(id)}\n`,
    );
  }
}
