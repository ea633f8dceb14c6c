import type { Register } from '../context.ts';
import { BUDGET_OPTION, CONCURRENCY_OPTION, SCRIPTED_OPTION } from '../options.ts';
import { runHere } from '../run/foreground.ts';
import { newGroup } from '../run/new-group.ts';
import { Overrides } from '../run/overrides.ts';
import { ForegroundOptions, foregroundOptions } from '../run/run-options.ts';

const RunOptions = Overrides.extend(ForegroundOptions.shape);

/** `run FILE`: creates a group and runs it until it settles or pauses. */
export const registerRun: Register = (program, context) => {
  const command = program
    .command('run')
    .description('Run the group of a definition file')
    .argument('<file>', 'the definition: YAML or JSON')
    .option(...SCRIPTED_OPTION)
    .option(...BUDGET_OPTION)
    .option(...CONCURRENCY_OPTION);
  foregroundOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, given: unknown) => {
      const options = RunOptions.parse(given);
      const group = await newGroup(file, options, context);
      context.exitCode = await runHere(group, () => group.run(), options, context.io);
    });
};

const EXAMPLES = `
Examples:
  session-groups run session-groups.yaml
  session-groups run session-groups.yaml --scripted
  session-groups run session-groups.yaml --max-budget-usd 5 --max-concurrent 2
  session-groups run session-groups.yaml --json | jq 'select(.type == "session_failed")'

Ctrl-C pauses the group and prints the command that resumes it. A second Ctrl-C stops the group, and a third ends
everything at once. The group is saved on disk: meanwhile other terminals can watch, pause and stop it
(session-groups group --help).
With --json, a slow reader misses only outdated session_progress lines.
`;
