import type { CliContext } from '../context.ts';
import { ExecutorOptions } from '../fleet/executors.ts';
import { DefinitionOptions } from '../run/definition-file.ts';
import { runHere } from '../run/foreground.ts';
import { newGroup } from '../run/new-group.ts';
import { Overrides } from '../run/overrides.ts';
import { ForegroundOptions } from '../run/run-options.ts';

const RunOptions = Overrides.extend(DefinitionOptions.shape)
  .extend(ForegroundOptions.shape)
  .extend(ExecutorOptions.shape);

/** `run [FILE]`: creates a group and runs it until it settles or pauses. */
export const run = (context: CliContext, file: string | undefined, given: unknown): Promise<void> =>
  runFile(context, file, given, { passing: false });

/** @param passing whether the group is removed afterwards. */
export async function runFile(
  context: CliContext,
  file: string | undefined,
  given: unknown,
  { passing }: { readonly passing: boolean },
): Promise<void> {
  const options = { ...RunOptions.parse(given), passing };
  const group = await newGroup(file, options, context);
  try {
    context.exitCode = await runHere(group, () => group.run(), options, context);
  } catch (error) {
    await forgetUnstarted(group.id, context);
    throw error;
  }
}

/** What was refused before it started, for example without its agent, is not saved: the next run creates another group. */
async function forgetUnstarted(id: string, { io, services }: CliContext): Promise<void> {
  try {
    const store = await services.openStore(io.env);
    const { meta } = await store.read(id);
    if (meta.status === 'created') await store.remove(id);
  } catch {
    // The error of the start says what is wrong.
  }
}
