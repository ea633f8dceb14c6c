import { z } from 'zod';
import type { Register } from '../../context.ts';
import { TEMPLATE_ARGUMENT, TEMPLATES_OF_OPTION } from '../../options.ts';
import { foldersFor, validTemplateNamed } from '../../templates/find.ts';
import { renderTemplate, templateLine } from '../../templates/text.ts';
import { lookOf } from '../../terminal.ts';
import { jsonLine } from '../../text.ts';

const ShowOptions = z.object({ json: z.boolean().default(false), definition: z.string().optional() });

/** `template show NAME`: shows its variables and its text. */
export const registerTemplateShow: Register = (program, context) => {
  program
    .command('show')
    .description('Show the variables and the text of a template')
    .argument(...TEMPLATE_ARGUMENT)
    .option(...TEMPLATES_OF_OPTION)
    .option('--json', 'print it as a JSON line')
    .action(async (name: string, given: unknown) => {
      const { io } = context;
      const { json, definition } = ShowOptions.parse(given);
      const entry = await validTemplateNamed(name, await foldersFor(definition, io));
      const { text } = entry;
      if (json) io.stdout.write(jsonLine({ ...templateLine(entry), text }));
      else io.stdout.write(renderTemplate(entry, lookOf(io.stdout, io.env)));
    });
};
