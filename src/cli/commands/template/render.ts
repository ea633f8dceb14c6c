import { z } from 'zod';
import { previewTemplate } from '../../../sdk/group/prompts/preview-prompt.ts';
import { definitionPath, type Register } from '../../context.ts';
import { UsageError } from '../../exit-codes.ts';
import { assigned, TEMPLATE_ARGUMENT } from '../../options.ts';
import { foldersFor, validTemplateNamed } from '../../templates/find.ts';
import { placeholderTarget, sessionFor } from '../../templates/session.ts';
import { checkVariables, variablesFile } from '../../templates/variables.ts';
import { cleanBlock, jsonLine } from '../../text.ts';

const RenderOptions = z.object({
  var: z.array(z.tuple([z.string(), z.string()])).default([]),
  varsFile: z.string().optional(),
  definition: z.string().optional(),
  session: z.string().optional(),
  json: z.boolean().default(false),
});

/** `template render NAME`: prints the template with its variables filled in. */
export const registerTemplateRender: Register = (program, context) => {
  program
    .command('render')
    .description('Fill in a template and print it, without starting anything')
    .argument(...TEMPLATE_ARGUMENT)
    .option('--var <name=text>', 'the value of a variable; repeatable', assigned)
    .option('--vars-file <file>', 'a YAML or JSON file that maps variable names to values')
    .option('--definition <file>', 'also look next to this definition, and render for one of its sessions')
    .option('--session <id>', 'the session whose variables and inputs to use')
    .option('--json', 'print the text as a JSON line')
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, given: unknown) => {
      const { io, services } = context;
      const options = RenderOptions.parse(given);
      const { template, text } = await validTemplateNamed(name, await foldersFor(options.definition, io));
      const fromFile = options.varsFile === undefined ? {} : await variablesFile(options.varsFile, io);
      const own = { ...fromFile, ...Object.fromEntries(options.var) };
      if (options.definition === undefined && options.session !== undefined) {
        throw new UsageError('--session needs a definition', 'Add --definition FILE.');
      }
      const loaded =
        options.definition === undefined
          ? undefined
          : await services.loadDefinition(definitionPath(options.definition, io), io.env);
      const { session, group } =
        loaded === undefined
          ? placeholderTarget(template.body.tags)
          : sessionFor(loaded.definition, options.session);
      const inputs = Object.entries(session.inputs ?? {}).filter(([input]) => !Object.hasOwn(own, input));
      const filled = {
        ...session,
        variables: { ...session.variables, ...own },
        inputs: Object.fromEntries(inputs),
      };
      checkVariables(template, { given: filled, own });
      const rendered = previewTemplate(name, filled, group, { templates: { [name]: text } });
      if (options.json) io.stdout.write(jsonLine({ type: 'rendered_template', name, text: rendered }));
      else io.stdout.write(io.stdout.isTTY === true ? cleanBlock(rendered) : rendered);
    });
};

const EXAMPLES = `
Examples:
  session-groups template render implement-feature --var 'feature=a token check'
  session-groups template render code-review --vars-file review.yaml
  session-groups template render code-review --definition session-groups.yaml --session review

Results of other sessions do not exist yet: the output has placeholders for them.
`;
