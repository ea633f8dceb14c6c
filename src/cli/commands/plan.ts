import { z } from 'zod';
import { planGroup } from '../../sdk/group/api/plan.ts';
import { previewLoaded, type SessionPreview } from '../../sdk/group/api/preview.ts';
import { NO_FILES } from '../../sdk/group/document/group-files.ts';
import { renderDiagnostic } from '../../sdk/group/document/render-diagnostic.ts';
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

/** `plan FILE`: checks the definition and shows what would run, without spending. */
export const registerPlan: Register = (program, context) => {
  program
    .command('plan')
    .description('Check a definition file and show what would run, without spending')
    .argument('<file>', 'the definition: YAML or JSON')
    .option('--json', 'print the plan as a JSON line')
    .option('--mermaid', 'print the dependencies as a Mermaid flowchart')
    .option('--render', 'also show the prompts and generated files')
    .option(...DEBUG_OPTION)
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, given: unknown) => {
      const { io, services } = context;
      const options = PlanOptions.parse(given);
      if (options.json && options.mermaid) throw new UsageError('--json and --mermaid cannot be combined.');
      const loaded = await services.loadDefinition(definitionPath(file, io));
      const plan = planGroup(loaded);
      const previews = options.render ? previewsOf(loaded) : [];
      if (options.json) {
        const { warnings } = loaded;
        const rendered = options.render ? inJson(previews) : {};
        io.stdout.write(jsonLine({ ...plan, ...rendered, warnings }));
        return;
      }
      const { color } = lookOf(io.stderr, io.env);
      for (const warning of loaded.warnings) io.stderr.write(`${renderDiagnostic(warning, { color })}\n`);
      if (options.mermaid) io.stdout.write(renderMermaid(plan));
      else {
        const look = lookOf(io.stdout, io.env);
        io.stdout.write(renderPlan(plan, { ...look, previews }));
      }
    });
};

function previewsOf({ definition, files = NO_FILES, warnings }: LoadedGroup): readonly SessionPreview[] {
  return previewLoaded({ definition, files, warnings }).sessions;
}

/** By session id; `files` and `hashes` only for sessions with generated files. */
function inJson(previews: readonly SessionPreview[]) {
  const generated = previews.filter(({ hash }) => hash !== undefined);
  return {
    prompts: Object.fromEntries(previews.map(({ id, prompt }) => [id, prompt])),
    files: Object.fromEntries(generated.map(({ id, files }) => [id, files])),
    hashes: Object.fromEntries(generated.map(({ id, hash }) => [id, hash])),
  };
}

const EXAMPLES = `
Examples:
  session-groups plan session-groups.yaml
  session-groups plan session-groups.yaml --render
  session-groups plan session-groups.yaml --mermaid > plan.mmd
  session-groups plan session-groups.yaml --json | jq .layers

Results of other sessions do not exist yet: --render shows placeholders for them.
`;
