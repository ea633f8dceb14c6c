import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * The files that come with this package, beside its code. A bundle holds the code without them: there, what needs one
 * says so, or does without and warns.
 */

/** In a CommonJS bundle there is none. */
const HERE: string | undefined = import.meta.url;
const IS_SOURCE = HERE?.endsWith('.ts') ?? false;
const PACKAGE = 'session-groups';

/** Where the JSON Schema of definitions is published; the newest version. */
export const SCHEMA_ADDRESS = 'https://unpkg.com/session-groups/schema.json';

/** The way out, for errors. */
export const EXTERNAL_HINT =
  'In a bundle, mark session-groups as external, so that it is loaded from node_modules.';

/** The folder with this package's package.json; undefined if the package was bundled. */
export function packageFolder(): string | undefined {
  folder ??= { path: lookUp(thisFolder()) };
  return folder.path;
}

let folder: { readonly path: string | undefined } | undefined;

/** A folder of the built package, by its path below `dist/`, also when this runs from the sources; undefined if it is not there. */
export function builtFolder(path: string): string | undefined {
  const root = packageFolder();
  if (root === undefined) return undefined;
  const dist = IS_SOURCE ? join(root, 'dist') : join(thisFolder() ?? '', '..', '..', '..');
  const found = join(dist, path);
  return existsSync(found) ? found : undefined;
}

/**
 * What Node is to be started with, to run a module of this package as a program; undefined if it is not there. It runs
 * the way this one does: compiled, or from source with the same options.
 * @param name the module's path below `src/`, without an extension.
 */
export function ownProgram(name: string): readonly string[] | undefined {
  if (packageFolder() === undefined) return undefined;
  const file = join(thisFolder() ?? '', '..', '..', `${name}.${IS_SOURCE ? 'ts' : 'js'}`);
  return existsSync(file) ? [...(IS_SOURCE ? process.execArgv : []), file] : undefined;
}

const thisFolder = (): string | undefined =>
  HERE?.startsWith('file:') ? dirname(fileURLToPath(HERE)) : undefined;

function lookUp(from: string | undefined): string | undefined {
  for (let dir = from; dir !== undefined; dir = dirname(dir)) {
    const name = nameIn(join(dir, 'package.json'));
    if (name === PACKAGE) return dir;
    if (name !== undefined || dirname(dir) === dir) return undefined;
  }
  return undefined;
}

/** Undefined if there is no manifest with a name: a build may put one that only gives the modules' type. */
function nameIn(manifest: string): string | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
    const hasName = typeof value === 'object' && value !== null && 'name' in value;
    return hasName && typeof value.name === 'string' ? value.name : undefined;
  } catch {
    return undefined;
  }
}
