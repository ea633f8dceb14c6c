import { z } from 'zod';
import { runCommand } from '../../advice.ts';
import type { Register } from '../../context.ts';
import { BUDGET_OPTION, CONCURRENCY_OPTION, SCRIPTED_OPTION } from '../../options.ts';
import { newGroup } from '../../run/new-group.ts';
import { Overrides } from '../../run/overrides.ts';
import { jsonLine } from '../../text.ts';

const CreateOptions = Overrides.extend({ json: z.boolean().default(false) });

/** `group create FILE`: saves a group to be run later. */
export const registerGroupCreate: Register = (program, context) => {
  program
    .command('create')
    .description('Create a group from a definition file without starting it, and print its id')
    .argument('<file>', 'the definition: YAML or JSON')
    .option('--json', 'print the id and the folder as a JSON line')
    .option(...SCRIPTED_OPTION)
    .option(...BUDGET_OPTION)
    .option(...CONCURRENCY_OPTION)
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
