import { z } from 'zod';
import { runCommand } from '../../advice.ts';
import type { CliContext } from '../../context.ts';
import { ExecutorOptions } from '../../fleet/executors.ts';
import { DefinitionOptions } from '../../run/definition-file.ts';
import { newGroup } from '../../run/new-group.ts';
import { Overrides } from '../../run/overrides.ts';
import { jsonLine } from '../../text.ts';

const CreateOptions = Overrides.extend(DefinitionOptions.shape)
  .extend(ExecutorOptions.shape)
  .extend({ json: z.boolean().default(false) });

/** `group create [FILE]`: saves a group to be run later. */
export async function groupCreate(
  context: CliContext,
  file: string | undefined,
  given: unknown,
): Promise<void> {
  const { stdout, stderr } = context.io;
  const options = CreateOptions.parse(given);
  const group = await newGroup(file, options, context);
  await group.dispose();
  if (options.json) stdout.write(jsonLine({ type: 'created', groupId: group.id, dir: group.dir }));
  else {
    stdout.write(`${group.id}\n`);
    stderr.write(`Start it with: ${runCommand(group.id)}\n`);
  }
}
