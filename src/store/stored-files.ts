import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { SessionGroupsError } from '../sdk/errors.ts';
import { type GroupFiles, isInnerPath } from '../sdk/group/document/group-files.ts';
import { isCode } from './read-if-there.ts';

/** The files of a group in its folder: `templates/NAME.md` and `shared-config/PATH`. Folders 0700, files 0600. */
const TEMPLATES = 'templates';
const SHARED_CONFIG = 'shared-config';
const TEMPLATE_ENDING = '.md';

/** @throws SessionGroupsError `invalid_path` for a name that would leave its folder. */
export function writeGroupFiles(dir: string, files: GroupFiles, durable: boolean): void {
  const put = (folder: string, path: string, text: string) => {
    if (!isInnerPath(path)) {
      throw new SessionGroupsError('invalid_path', `${JSON.stringify(path)} leaves ${folder}`);
    }
    const file = join(dir, folder, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o600, flush: durable });
  };
  for (const [name, text] of Object.entries(files.templates)) put(TEMPLATES, name + TEMPLATE_ENDING, text);
  for (const [path, text] of Object.entries(files.sharedConfig)) put(SHARED_CONFIG, path, text);
}

export function readGroupFiles(dir: string): GroupFiles {
  const templates = texts(join(dir, TEMPLATES)).flatMap(([path, text]) =>
    path.endsWith(TEMPLATE_ENDING) ? [[path.slice(0, -TEMPLATE_ENDING.length), text] as const] : [],
  );
  return {
    templates: Object.fromEntries(templates),
    sharedConfig: Object.fromEntries(texts(join(dir, SHARED_CONFIG))),
  };
}

function texts(folder: string): (readonly [string, string])[] {
  return entries(folder)
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
    .map(file => [relative(folder, file).split(sep).join('/'), readFileSync(file, 'utf8')] as const);
}

function entries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true });
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}
