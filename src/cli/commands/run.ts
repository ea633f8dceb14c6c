import type { CliContext } from '../context.ts';
import { runHere } from '../run/foreground.ts';
import { newGroup } from '../run/new-group.ts';
import { Overrides } from '../run/overrides.ts';
import { ForegroundOptions } from '../run/run-options.ts';

const RunOptions = Overrides.extend(ForegroundOptions.shape);

/** `run FILE`: creates a group and runs it until it settles or pauses. */
export async function run(context: CliContext, file: string, given: unknown): Promise<void> {
  const options = RunOptions.parse(given);
  const group = await newGroup(file, options, context);
  context.exitCode = await runHere(group, () => group.run(), options, context.io);
}
