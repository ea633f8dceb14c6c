import { z } from 'zod';
import type { CliContext } from '../../context.ts';
import { foldersFor, validTemplateNamed } from '../../templates/find.ts';
import { renderTemplate, templateLine } from '../../templates/text.ts';
import { lookOf } from '../../terminal.ts';
import { jsonLine } from '../../text.ts';

const ShowOptions = z.object({ json: z.boolean().default(false), definition: z.string().optional() });

/** `template show NAME`: shows its variables and its text. */
export async function templateShow(context: CliContext, name: string, given: unknown): Promise<void> {
  const { io } = context;
  const { json, definition } = ShowOptions.parse(given);
  const entry = await validTemplateNamed(name, await foldersFor(definition, io));
  const { text } = entry;
  if (json) io.stdout.write(jsonLine({ ...templateLine(entry), text }));
  else io.stdout.write(renderTemplate(entry, lookOf(io.stdout, io.env)));
}
