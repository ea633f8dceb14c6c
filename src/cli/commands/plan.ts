import { z } from 'zod';
import { given } from '../../sdk/given.ts';
import { planGroup } from '../../sdk/group/api/plan.ts';
import { previewLoaded, type SessionPreview } from '../../sdk/group/api/preview.ts';
import { projectHolders } from '../../sdk/project/file-project-gate.ts';
import { workDir } from '../../sdk/user-folders.ts';
import type { CliContext } from '../context.ts';
import { UsageError } from '../exit-codes.ts';
import { agentWarnings } from '../plan/agent-warnings.ts';
import { busyProjects } from '../plan/busy-projects.ts';
import { memoryWarnings } from '../plan/memory.ts';
import { renderMermaid } from '../plan/plan-mermaid.ts';
import { renderPlan } from '../plan/plan-text.ts';
import { DefinitionOptions, givenDefinition, STDIN } from '../run/definition-file.ts';
import { overrideDefinition } from '../run/overrides.ts';
import { rehearsalWarnings } from '../run/rehearsal-warnings.ts';
import { lookOf, printDiagnostics } from '../terminal.ts';
import { jsonLine, shellWord } from '../text.ts';

const PlanOptions = DefinitionOptions.extend({
  json: z.boolean().default(false),
  mermaid: z.boolean().default(false),
  render: z.boolean().default(false),
  scripted: z.boolean().default(false),
});

/** `plan [FILE]`: checks the definition and shows what would run, without spending. */
export async function plan(context: CliContext, file: string | undefined, given_: unknown): Promise<void> {
  const { io, services } = context;
  const options = PlanOptions.parse(given_);
  if (options.json && options.mermaid) throw new UsageError('--json and --mermaid cannot be combined');
  const read = await givenDefinition(file, options, context);
  const { scripted } = options;
  const loaded = scripted ? { ...read, definition: overrideDefinition(read.definition, { scripted }) } : read;
  const agents = await services.pluginAgents(io.env);
  const plan = planGroup(loaded, { agents });
  const previews = options.render ? previewLoaded(loaded, agents).sessions : [];
  const notReady = options.mermaid ? [] : await agentWarnings(loaded.definition, context);
  const warnings = [
    ...loaded.warnings,
    ...(await rehearsalWarnings(loaded.definition)),
    ...(options.mermaid ? [] : memoryWarnings(loaded.definition, io.availableMemory())),
    ...(options.mermaid ? [] : busyProjects(loaded.definition, projectHolders, io.now())),
    ...notReady,
  ];
  const disk =
    plan.delivery === undefined || options.mermaid
      ? undefined
      : {
          workDir: workDir(io.env),
          trees: await (await services.delivery()).measureTrees(loaded.definition, { env: io.env }),
        };
  if (options.json) {
    const rendered = options.render ? inJson(previews) : {};
    io.stdout.write(jsonLine({ ...plan, ...given({ disk }), ...rendered, warnings }));
    return;
  }
  printDiagnostics(warnings, io);
  const look = lookOf(io.stdout, io.env);
  io.stdout.write(options.mermaid ? renderMermaid(plan) : renderPlan(plan, { ...look, previews, disk }));
  if (options.mermaid || io.stdout.errored || file === STDIN) return;
  // Where an agent is not ready, all that can be run is the rehearsal.
  const next = sameArguments(file, { ...options, scripted: scripted || notReady.length > 0 });
  io.stderr.write(`Next: ${['session-groups run', ...next].join(' ')}\n`);
}

/** As they were given to this command. */
function sameArguments(
  file: string | undefined,
  { var: pairs, varFile, scripted }: z.output<typeof PlanOptions>,
): string[] {
  return [
    ...(file === undefined ? [] : [shellWord(file)]),
    ...(varFile === undefined ? [] : ['--var-file', shellWord(varFile)]),
    ...pairs.flatMap(([name, value]) => ['--var', shellWord(`${name}=${value}`)]),
    ...(scripted ? ['--scripted'] : []),
  ];
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
