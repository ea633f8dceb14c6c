import { resolve } from 'node:path';
import { isLiveGroup } from '../../../machines/vocabulary.ts';
import { renderDiagnostic } from '../../sdk/group/document/render-diagnostic.ts';
import type { GroupStore } from '../../sdk/group/store/store.ts';
import { watchCommand } from '../advice.ts';
import { type CliContext, definitionPath } from '../context.ts';
import type { CliIo } from '../io.ts';
import type { DrivenGroup } from '../services.ts';
import { lookOf } from '../terminal.ts';
import { isAttended } from './attended.ts';
import { type InspectOption, withInspector } from './inspector.ts';
import { overrideDefinition, type RunOverrides } from './overrides.ts';
import { type WebOption, withPage } from './web.ts';

/** Creates the group of a definition file, with the overrides of the command line; starts nothing. */
export async function newGroup(
  file: string,
  options: RunOverrides & InspectOption & WebOption & { readonly attended?: boolean },
  context: CliContext,
): Promise<DrivenGroup> {
  const { io, services } = context;
  const loaded = await services.loadDefinition(definitionPath(file, io));
  const { color } = lookOf(io.stderr, io.env);
  for (const warning of loaded.warnings) io.stderr.write(`${renderDiagnostic(warning, { color })}\n`);
  const store = await services.openStore(io.env);
  const path = resolve(io.cwd, file);
  await warnIfLive(path, store, io);
  if (options.scripted) io.stderr.write(REHEARSAL);
  return withPage(options, store, context, () =>
    withInspector(options, context, inspect =>
      services.createGroup(overrideDefinition(loaded.definition, options), {
        store,
        env: io.env,
        attended: isAttended(options, io),
        ...(loaded.files === undefined ? {} : { files: loaded.files }),
        ...(loaded.source === undefined ? {} : { source: { file: path, text: loaded.source.text } }),
        ...inspect,
      }),
    ),
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
