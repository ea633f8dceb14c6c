import { z } from 'zod';
import { previewTemplate } from '../../../sdk/group/prompts/preview-prompt.ts';
import { type CliContext, definitionPath } from '../../context.ts';
import { UsageError } from '../../exit-codes.ts';
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
export async function templateRender(context: CliContext, name: string, given: unknown): Promise<void> {
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
}
