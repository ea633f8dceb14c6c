import { lstat, readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { packageFolder } from '../../process/own-files.ts';
import { configDir } from '../../user-folders.ts';
import type { HostEnvironment } from '../config/environment.ts';
import { isInnerPath } from '../document/group-files.ts';
import { type ReadProblem, readText } from '../document/read-text.ts';
import { didYouMean } from '../document/suggest.ts';
import { shown } from '../document/visible.ts';

/** Which kind of folder a template is in. */
export type TemplateOrigin = 'group' | 'user' | 'shipped';

export interface TemplateFolder {
  readonly from: TemplateOrigin;
  /** An absolute path. The folder need not exist. */
  readonly path: string;
}

/** Where templates are looked up, in this order: next to the definition, the user's, the built-in ones. */
export function templateFolders(baseDir: string, env: HostEnvironment): readonly TemplateFolder[] {
  const shipped = shippedTemplates();
  return [
    { from: 'group', path: join(baseDir, FOLDER) },
    { from: 'user', path: join(configDir(env), FOLDER) },
    ...(shipped === undefined ? [] : [{ from: 'shipped' as const, path: shipped }]),
  ];
}

export type FoundTemplate =
  | { readonly ok: true; readonly text: string; readonly from: TemplateOrigin; readonly file: string }
  | {
      readonly ok: false;
      readonly code: ReadProblem | 'invalid_template_name' | 'unknown_template' | 'template_outside';
      readonly message: string;
      readonly suggestion?: string | undefined;
    };

/**
 * Finds a template by name: `NAME.md` in the first folder that has it. Never throws. Invariant: no name and no link
 * leads to a file outside the folder in which it was found.
 */
export async function findTemplate(name: string, folders: readonly TemplateFolder[]): Promise<FoundTemplate> {
  if (!isInnerPath(name)) return invalidName(name);
  for (const { from, path } of folders) {
    const file = join(path, ...name.split('/')) + EXTENSION;
    const place = await inner(path, file);
    if (place.kind === 'absent') continue;
    if (place.kind === 'outside') {
      const message = `${file} is a link ${place.where}`;
      const suggestion = 'copy the template into the folder';
      return { ok: false, code: 'template_outside', message, suggestion };
    }
    const read = await readText(place.path, { follow: false });
    return read.ok
      ? { ok: true, text: read.text, from, file }
      : { ok: false, code: read.code, message: `${file} ${read.message}` };
  }
  return absent(name, folders);
}

export interface ListedTemplate {
  readonly name: string;
  readonly from: TemplateOrigin;
  readonly file: string;
}

/** All templates that can be named, sorted by name; for duplicate names, the one that lookup finds. */
export async function listTemplates(folders: readonly TemplateFolder[]): Promise<readonly ListedTemplate[]> {
  const found = new Map<string, ListedTemplate>();
  for (const { from, path } of folders) {
    for (const name of await namesIn(path)) {
      if (!found.has(name)) found.set(name, { name, from, file: join(path, ...name.split('/')) + EXTENSION });
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

const FOLDER = 'templates';
const EXTENSION = '.md';
/** The limit of isInnerPath. */
const DEEPEST = 8;
/** A folder with more files than this isn't a template folder; the rest isn't listed. */
const MOST_ENTRIES = 10_000;

type Inner =
  | { readonly kind: 'absent' }
  | { readonly kind: 'outside'; readonly where: string }
  /** No part of the path is a link. */
  | { readonly kind: 'inside'; readonly path: string };

async function inner(folder: string, file: string): Promise<Inner> {
  try {
    const base = await realpath(folder);
    await lstat(file);
    const real = await realpath(file).catch(() => undefined);
    if (real === undefined) return { kind: 'outside', where: 'to a file that does not exist' };
    return real.startsWith(base + sep)
      ? { kind: 'inside', path: real }
      : { kind: 'outside', where: `to a file outside ${folder}` };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // A file that can't be accessed can't be read either; reading it gives the reason.
    return code === 'ENOENT' || code === 'ENOTDIR' ? { kind: 'absent' } : { kind: 'inside', path: file };
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  const pending = [''];
  let entries = 0;
  for (let inside = pending.pop(); inside !== undefined; inside = pending.pop()) {
    const found = await readdir(join(folder, inside), { withFileTypes: true }).catch(() => []);
    for (const entry of found) {
      entries += 1;
      if (entries > MOST_ENTRIES) return names;
      const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
      if (!isInnerPath(path)) continue;
      if (entry.isDirectory()) {
        if (path.split('/').length < DEEPEST) pending.push(path);
      } else if (path.endsWith(EXTENSION) && isInnerPath(path.slice(0, -EXTENSION.length))) {
        names.push(path.slice(0, -EXTENSION.length));
      }
    }
  }
  return names;
}

function invalidName(name: string): FoundTemplate {
  const message = `${shown(name)} is not a valid template name`;
  const suggestion = 'use the name of a file in templates/ without .md, such as review or team/review';
  return { ok: false, code: 'invalid_template_name', message, suggestion };
}

async function absent(name: string, folders: readonly TemplateFolder[]): Promise<FoundTemplate> {
  const known = (await listTemplates(folders)).map(template => template.name);
  const looked = folders.map(folder => folder.path).join(', ');
  const near = didYouMean(name, known) ?? (name.endsWith(EXTENSION) ? 'leave out .md' : namesOf(known));
  const missing = folders.some(({ from }) => from === 'shipped') ? '' : NOT_BUNDLED;
  const message = `there is no template ${shown(name)}; looked in ${looked}${missing}`;
  return { ok: false, code: 'unknown_template', message, suggestion: near };
}

function namesOf(known: readonly string[]): string | undefined {
  return known.length === 0 || known.length > MOST_NAMED ? undefined : `available: ${known.join(', ')}`;
}

const MOST_NAMED = 12;
const NOT_BUNDLED =
  ' (the built-in ones are not in this bundle: mark session-groups as external, or copy its templates/)';

/** The folder of the templates that come with this package; undefined if the package was bundled. */
export function shippedTemplates(): string | undefined {
  const root = packageFolder();
  return root === undefined ? undefined : join(root, FOLDER);
}
