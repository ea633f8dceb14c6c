import { z } from 'zod';
import { runCommand } from '../../advice.ts';
import type { Register } from '../../context.ts';
import { BUDGET_OPTION, CONCURRENCY_OPTION, DEBUG_OPTION, SCRIPTED_OPTION } from '../../options.ts';
import { newGroup } from '../../run/new-group.ts';
import { Overrides } from '../../run/overrides.ts';
import { jsonLine } from '../../text.ts';

const CreateOptions = Overrides.extend({ json: z.boolean().default(false) });

/** `group create FILE`: keeps the group of a definition file, to be run later. Starts nothing. */
export const registerGroupCreate: Register = (program, context) => {
  program
    .command('create')
    .description('Create the group of a definition file, and print its id; starts nothing')
    .argument('<file>', 'the definition: YAML or JSON')
    .option('--json', 'print the id and the folder as a line of JSON')
    .option(...SCRIPTED_OPTION)
    .option(...BUDGET_OPTION)
    .option(...CONCURRENCY_OPTION)
    .option(...DEBUG_OPTION)
    .action(async (file: string, given: unknown) => {
      const { stdout, stderr } = context.io;
      const options = CreateOptions.parse(given);
      const group = await newGroup(file, options, context);
      await group.dispose();
      if (options.json) stdout.write(jsonLine({ type: 'created', groupId: group.id, dir: group.dir }));
      else {
        stdout.write(`${group.id}\n`);
        stderr.write(`Start it with: ${runCommand(group.id)}\n`);
      }
    });
};
