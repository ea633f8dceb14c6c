import { z } from 'zod';
import { planGroup } from '../../sdk/group/plan.ts';
import { previewPrompt } from '../../sdk/group/preview-prompt.ts';
import { renderDiagnostic } from '../../sdk/group/render-diagnostic.ts';
import { definitionPath, type Register } from '../context.ts';
import { UsageError } from '../exit-codes.ts';
import { DEBUG_OPTION } from '../options.ts';
import { renderMermaid } from '../plan/plan-mermaid.ts';
import { renderPlan } from '../plan/plan-text.ts';
import type { LoadedGroup } from '../services.ts';
import { lookOf } from '../terminal.ts';
import { jsonLine } from '../text.ts';

const PlanOptions = z.object({
  json: z.boolean().default(false),
  mermaid: z.boolean().default(false),
  render: z.boolean().default(false),
});

/** `plan FILE`: checks the definition and shows what would happen, without spending. */
export const registerPlan: Register = (program, context) => {
  program
    .command('plan')
    .description('Check a definition file and show what would run, without spending')
    .argument('<file>', 'the definition: YAML or JSON')
    .option('--json', 'print the plan as one line of JSON')
    .option('--mermaid', 'print the dependencies as a Mermaid flowchart')
    .option('--render', 'show the prompts as they would be sent')
    .option(...DEBUG_OPTION)
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, given: unknown) => {
      const { io, services } = context;
      const options = PlanOptions.parse(given);
      if (options.json && options.mermaid) throw new UsageError('--json and --mermaid exclude each other.');
      const loaded = await services.loadDefinition(definitionPath(file, io));
      const plan = planGroup(loaded);
      const prompts = options.render ? promptsOf(loaded) : undefined;
      if (options.json) {
        const { warnings } = loaded;
        const rendered = prompts === undefined ? {} : { prompts: Object.fromEntries(prompts) };
        io.stdout.write(jsonLine({ ...plan, ...rendered, warnings }));
        return;
      }
      const { color } = lookOf(io.stderr, io.env);
      for (const warning of loaded.warnings) io.stderr.write(`${renderDiagnostic(warning, { color })}\n`);
      if (options.mermaid) io.stdout.write(renderMermaid(plan));
      else {
        const look = lookOf(io.stdout, io.env);
        io.stdout.write(renderPlan(plan, { ...look, ...(prompts === undefined ? {} : { prompts }) }));
      }
    });
};

function promptsOf({ definition, files }: LoadedGroup): ReadonlyMap<string, string> {
  return new Map(definition.sessions.map(session => [session.id, previewPrompt(session, definition, files)]));
}

const EXAMPLES = `
Examples:
  session-groups plan session-groups.yaml
  session-groups plan session-groups.yaml --render
  session-groups plan session-groups.yaml --mermaid > plan.mmd
  session-groups plan session-groups.yaml --json | jq .layers

Results of other sessions do not exist yet: --render puts a placeholder where one will stand.
`;
