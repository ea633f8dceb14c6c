import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of the templates that come with this package: `templates/` beside its package.json, whether this file
 * runs as a source or from `dist`. Undefined where the package has been taken apart, as bundlers do.
 */
export function shippedTemplates(): string | undefined {
  folder ??= { path: lookUp(dirname(fileURLToPath(import.meta.url))) };
  return folder.path;
}

let folder: { readonly path: string | undefined } | undefined;

const PACKAGE = 'session-groups';

function lookUp(from: string): string | undefined {
  for (let dir = from; ; dir = dirname(dir)) {
    if (isPackage(join(dir, 'package.json'))) {
      const templates = join(dir, 'templates');
      return existsSync(templates) ? templates : undefined;
    }
    if (dirname(dir) === dir) return undefined;
  }
}

function isPackage(manifest: string): boolean {
  try {
    const value: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
    return typeof value === 'object' && value !== null && 'name' in value && value.name === PACKAGE;
  } catch {
    return false;
  }
}
