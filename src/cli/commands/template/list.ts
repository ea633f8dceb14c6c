import { z } from 'zod';
import type { Register } from '../../context.ts';
import { TEMPLATES_OF_OPTION } from '../../options.ts';
import { foldersFor } from '../../templates/find.ts';
import { renderTemplates, templateLine } from '../../templates/text.ts';
import { lookOf, printDiagnostics } from '../../terminal.ts';
import { jsonLine } from '../../text.ts';

const ListOptions = z.object({ json: z.boolean().default(false), definition: z.string().optional() });

/** `template list`: lists templates with their origin and variables. */
export const registerTemplateList: Register = (program, context) => {
  program
    .command('list')
    .description('List the templates that sessions can use')
    .option(...TEMPLATES_OF_OPTION)
    .option('--json', 'print each template as a JSON line')
    .action(async (given: unknown) => {
      const { io } = context;
      const { json, definition } = ListOptions.parse(given);
      const { catalogue } = await import('../../../sdk/group/prompts/template-catalogue.ts');
      const templates = await catalogue(await foldersFor(definition, io));
      if (json) for (const template of templates) io.stdout.write(jsonLine(templateLine(template)));
      else if (templates.length > 0) io.stdout.write(renderTemplates(templates, lookOf(io.stdout, io.env)));
      const problems = json ? [] : templates.flatMap(template => template.problems);
      printDiagnostics(problems, io);
    });
};
