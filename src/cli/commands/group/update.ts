import { resolve } from 'node:path';
import { z } from 'zod';
import { definitionPath, type Register } from '../../context.ts';
import { changeGroup } from '../../groups/change.ts';
import { BUDGET_OPTION, CONCURRENCY_OPTION, SCRIPTED_OPTION, TAKE_OVER_OPTION } from '../../options.ts';
import { Overrides, overrideDefinition } from '../../run/overrides.ts';
import type { DrivenGroup } from '../../services.ts';
import { printDiagnostics } from '../../terminal.ts';
import { verbCommand } from '../verb-command.ts';

const UpdateOptions = Overrides.extend({
  dryRun: z.boolean().default(false),
  json: z.boolean().default(false),
  takeOver: z.boolean().default(false),
});

/** `group update GROUP FILE`: gives a group a new definition, even while it runs. */
export const registerGroupUpdate: Register = (program, context) => {
  const { services, io } = context;
  verbCommand(program, 'redefine', 'group update')
    .argument('<file>', 'the new definition: YAML or JSON')
    .option('--dry-run', 'print what would change, or why it cannot, and change nothing')
    .option('--json', 'print what changed as a JSON line')
    .option(...TAKE_OVER_OPTION)
    .option(...SCRIPTED_OPTION)
    .option(...BUDGET_OPTION)
    .option(...CONCURRENCY_OPTION)
    .addHelpText('after', EXAMPLES)
    .action(async (word: string, file: string, given: unknown) => {
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
    });
};

const EXAMPLES = `
Sessions in play and completed sessions cannot change, and sessions that have run stay in the group. Whatever starts
later uses the new definition. A settled group that gets new sessions is paused until you resume it.

Examples:
  session-groups group update auth-refactor session-groups.yaml --dry-run
  session-groups group update auth-refactor session-groups.yaml
`;
