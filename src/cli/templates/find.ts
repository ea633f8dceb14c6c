import { dirname, resolve } from 'node:path';
import { sentence } from '../../sdk/format.ts';
import { DefinitionError } from '../../sdk/group/document/diagnostics.ts';
import type { CataloguedTemplate } from '../../sdk/group/prompts/template-catalogue.ts';
import type { TemplateFile } from '../../sdk/group/prompts/template-file.ts';
import type { TemplateFolder } from '../../sdk/group/prompts/template-lookup.ts';
import { UsageError } from '../exit-codes.ts';
import type { CliIo } from '../io.ts';

/** The folders to search for templates, starting next to the definition, or in the working directory without one. */
export async function foldersFor(
  definition: string | undefined,
  io: CliIo,
): Promise<readonly TemplateFolder[]> {
  const { templateFolders } = await import('../../sdk/group/prompts/template-lookup.ts');
  const baseDir = definition === undefined ? io.cwd : dirname(resolve(io.cwd, definition));
  return templateFolders(baseDir, io.env);
}

/** Finds a valid template. @throws UsageError if there is none with that name; DefinitionError if it is invalid. */
export async function validTemplateNamed(
  name: string,
  folders: readonly TemplateFolder[],
): Promise<CataloguedTemplate & { readonly template: TemplateFile }> {
  const { catalogued } = await import('../../sdk/group/prompts/template-catalogue.ts');
  const found = await catalogued(name, folders);
  if (!found.ok) {
    const { code, message, suggestion } = found.problem;
    throw new UsageError(message, suggestion && sentence(suggestion), code);
  }
  const { template, problems } = found.entry;
  if (template === undefined || problems.some(({ severity }) => severity === 'error')) {
    throw new DefinitionError(`the template ${name} is invalid`, problems);
  }
  return { ...found.entry, template };
}
