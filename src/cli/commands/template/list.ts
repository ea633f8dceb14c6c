import { z } from 'zod';
import type { CliContext } from '../../context.ts';
import { foldersFor } from '../../templates/find.ts';
import { renderTemplates, templateLine } from '../../templates/text.ts';
import { lookOf, printDiagnostics } from '../../terminal.ts';
import { jsonLine } from '../../text.ts';

const ListOptions = z.object({ json: z.boolean().default(false), definition: z.string().optional() });

/** `template list`: lists templates with their origin and variables. */
export async function templateList(context: CliContext, given: unknown): Promise<void> {
  const { io } = context;
  const { json, definition } = ListOptions.parse(given);
  const { catalogue } = await import('../../../sdk/group/prompts/template-catalogue.ts');
  const templates = await catalogue(await foldersFor(definition, io));
  if (json) for (const template of templates) io.stdout.write(jsonLine(templateLine(template)));
  else if (templates.length > 0) io.stdout.write(renderTemplates(templates, lookOf(io.stdout, io.env)));
  const problems = json ? [] : templates.flatMap(template => template.problems);
  printDiagnostics(problems, io);
}
