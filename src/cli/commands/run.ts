import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { renderDiagnostic } from '../../sdk/group/render-diagnostic.ts';
import { DEBUG_OPTION, definitionPath, type Register } from '../context.ts';
import { overrideDefinition } from '../run/overrides.ts';
import { runGroup } from '../run/run-group.ts';
import { lookOf } from '../terminal.ts';

const RunOptions = z.object({
  json: z.boolean().default(false),
  plain: z.boolean().default(false),
  scripted: z.boolean().default(false),
  maxBudgetUsd: z.union([z.number(), z.literal('none')]).optional(),
  maxConcurrent: z.number().optional(),
});

/** `run FILE`: creates the group and runs it to its end, or until it pauses. */
export const registerRun: Register = (program, context) => {
  program
    .command('run')
    .description('Run the group of a definition file')
    .argument('<file>', 'the definition: YAML or JSON')
    .option('--json', 'print every event as a line of JSON, and the result as the last line')
    .option('--plain', 'print one line per change instead of the live view')
    .option('--scripted', 'a rehearsal: no model is called and nothing is spent')
    .option('--max-budget-usd <usd>', 'what the whole group may spend, or none', budget)
    .option('--max-concurrent <count>', 'how many sessions may run at a time', concurrency)
    .option(...DEBUG_OPTION)
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, given: unknown) => {
      const { io, services } = context;
      const options = RunOptions.parse(given);
      const loaded = await services.loadDefinition(definitionPath(file, io));
      const { color } = lookOf(io.stderr, io.env);
      for (const warning of loaded.warnings) {
        io.stderr.write(`${renderDiagnostic(warning, { color })}\n`);
      }
      const definition = overrideDefinition(loaded.definition, options);
      if (options.scripted) io.stderr.write(REHEARSAL);
      context.exitCode = await runGroup(definition, options, io, services);
    });
};

const REHEARSAL = 'Rehearsal with scripted agents: no model is called and nothing is spent.\n';

const EXAMPLES = `
Examples:
  session-groups run session-groups.yaml
  session-groups run session-groups.yaml --scripted
  session-groups run session-groups.yaml --max-budget-usd 5 --max-concurrent 2
  session-groups run session-groups.yaml --json | jq 'select(.type == "session_failed")'

Ctrl-C pauses the group, a second one stops it, a third ends everything at once. Groups of this version
live in memory only: a paused group ends with the process.
With --json, a reader that cannot keep up misses outdated session_progress lines and nothing else.
`;

function budget(text: string): number | 'none' {
  if (text === 'none') return 'none';
  const usd = Number(text);
  if (!Number.isFinite(usd) || usd <= 0) {
    throw new InvalidArgumentError('Expected an amount in USD above 0, or none.');
  }
  return usd;
}

function concurrency(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 1_000) {
    throw new InvalidArgumentError('Expected a whole number from 1 to 1000.');
  }
  return count;
}
