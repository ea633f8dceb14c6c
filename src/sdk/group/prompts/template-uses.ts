import type { HostEnvironment } from '../config/environment.ts';
import { type GroupFiles, isInnerPath } from '../document/group-files.ts';
import { isMap, type SessionView } from '../document/session-view.ts';
import { type ReadTemplate, readTemplate } from './template-file.ts';
import { type FoundTemplate, findTemplate, templateFolders } from './template-lookup.ts';

/** A place in a definition that names a template. */
export interface TemplateUse {
  readonly name: string;
  readonly path: readonly (string | number)[];
}

/** The templates that a session names: for its prompt, its CLAUDE.md, its commands. */
export function templateUses({ raw, path }: SessionView): readonly TemplateUse[] {
  const config = isMap(raw.config) ? raw.config : {};
  const commands = Array.isArray(config.commands) ? config.commands : [];
  const named: readonly (readonly [unknown, TemplateUse['path']])[] = [
    [raw.template, [...path, 'template']],
    ...(isTemplateName(config.claudeMdTemplate)
      ? [[config.claudeMdTemplate, [...path, 'config', 'claudeMdTemplate']] as const]
      : []),
    ...commands.map((name: unknown, index) => [name, [...path, 'config', 'commands', index]] as const),
  ];
  return named.flatMap(([name, at]) => (typeof name === 'string' && name !== '' ? [{ name, path: at }] : []));
}

/** Whether `claudeMdTemplate` is a name, a single word such as `team/review`; anything else is the text itself. */
export function isTemplateName(claudeMdTemplate: unknown): claudeMdTemplate is string {
  return typeof claudeMdTemplate === 'string' && isInnerPath(claudeMdTemplate);
}

export type NamedTemplate =
  | (ReadTemplate & { readonly ok: true; readonly text: string })
  | (FoundTemplate & { readonly ok: false });

/** All templates that a definition names, by name. */
export type NamedTemplates = ReadonlyMap<string, NamedTemplate>;

export interface TemplatePlaces {
  /** `templates/` in this folder is searched first. */
  readonly baseDir: string;
  readonly env: HostEnvironment;
  /** The group's copies; a name that is in them isn't looked up. */
  readonly files?: GroupFiles | undefined;
}

/** Reads each template that the sessions name, once. */
export async function namedTemplates(
  sessions: readonly SessionView[],
  { baseDir, env, files }: TemplatePlaces,
): Promise<NamedTemplates> {
  const names = new Set(sessions.flatMap(session => templateUses(session).map(use => use.name)));
  const kept = files?.templates ?? {};
  const folders = names.size === 0 ? [] : templateFolders(baseDir, env);
  const templates = new Map<string, NamedTemplate>();
  for (const name of names) {
    const copy = Object.hasOwn(kept, name) ? kept[name] : undefined;
    if (copy !== undefined) {
      templates.set(name, { ok: true, text: copy, ...readTemplate(copy, { name }) });
      continue;
    }
    const found = await findTemplate(name, folders);
    if (!found.ok) templates.set(name, found);
    else {
      const { text, file } = found;
      templates.set(name, { ok: true, text, ...readTemplate(text, { name, file }) });
    }
  }
  return templates;
}

/** The texts to store with the group. */
export function templateTexts(templates: NamedTemplates): GroupFiles['templates'] {
  return Object.fromEntries(
    [...templates].flatMap(([name, template]) => (template.ok ? [[name, template.text]] : [])),
  );
}
