import type { Diagnostic } from '../document/diagnostics.ts';
import type { TemplateFile } from './template-file.ts';
import { readTemplate } from './template-file.ts';
import {
  type FoundTemplate,
  findTemplate,
  type ListedTemplate,
  listTemplates,
  type TemplateFolder,
} from './template-lookup.ts';

/** A template that can be named, with its text. */
export interface CataloguedTemplate extends ListedTemplate {
  readonly text: string;
  /** Undefined if its front matter can't be read. */
  readonly template: TemplateFile | undefined;
  /** All of its problems. */
  readonly problems: readonly Diagnostic[];
}

/** All templates of the folders, sorted by name; for duplicate names, the one that lookup finds. Never throws. */
export async function catalogue(folders: readonly TemplateFolder[]): Promise<readonly CataloguedTemplate[]> {
  const listed = await listTemplates(folders);
  return Promise.all(
    listed.map(async entry => {
      const found = await catalogued(entry.name, folders);
      if (found.ok) return found.entry;
      const { code, message } = found.problem;
      const problem = { severity: 'error', code, message, path: [], file: entry.file } as const;
      return { ...entry, text: '', template: undefined, problems: [problem] };
    }),
  );
}

/** One of them by name. Never throws. */
export async function catalogued(
  name: string,
  folders: readonly TemplateFolder[],
): Promise<
  | { readonly ok: true; readonly entry: CataloguedTemplate }
  | { readonly ok: false; readonly problem: FoundTemplate & { readonly ok: false } }
> {
  const found = await findTemplate(name, folders);
  if (!found.ok) return { ok: false, problem: found };
  const { text, file, from } = found;
  return { ok: true, entry: { name, from, file, text, ...readTemplate(text, { name, file }) } };
}
