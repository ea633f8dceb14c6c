import { dirname, join } from 'node:path';
import type { Disk } from '../sdk/disk/disk.ts';
import { ifThere, makeFolders, readFile, writeFile } from '../sdk/disk/disk-files.ts';
import { SessionGroupsError } from '../sdk/errors.ts';
import { type GroupFiles, isInnerPath } from '../sdk/group/document/group-files.ts';

/** A group's files in its folder: `templates/NAME.md` and `shared-config/PATH`. Folders have mode 0700, files 0600. */
const TEMPLATES = 'templates';
const SHARED_CONFIG = 'shared-config';
const TEMPLATE_ENDING = '.md';

/** @throws SessionGroupsError `invalid_path` for a name that would leave its folder. */
export function writeGroupFiles(disk: Disk, dir: string, files: GroupFiles, durable: boolean): void {
  const put = (folder: string, path: string, text: string) => {
    if (!isInnerPath(path)) {
      throw new SessionGroupsError('invalid_path', `${JSON.stringify(path)} leaves ${folder}`);
    }
    const file = join(dir, folder, path);
    makeFolders(disk, dirname(file), durable);
    writeFile(disk, file, text, { durable });
    if (durable) disk.syncFolder(dirname(file));
  };
  for (const [name, text] of Object.entries(files.templates)) put(TEMPLATES, name + TEMPLATE_ENDING, text);
  for (const [path, text] of Object.entries(files.sharedConfig)) put(SHARED_CONFIG, path, text);
}

export function readGroupFiles(disk: Disk, dir: string): GroupFiles {
  const templates = texts(disk, join(dir, TEMPLATES)).flatMap(([path, text]) =>
    path.endsWith(TEMPLATE_ENDING) ? [[path.slice(0, -TEMPLATE_ENDING.length), text] as const] : [],
  );
  return {
    templates: Object.fromEntries(templates),
    sharedConfig: Object.fromEntries(texts(disk, join(dir, SHARED_CONFIG))),
  };
}

function texts(disk: Disk, folder: string): (readonly [string, string])[] {
  return innerPaths(disk, folder)
    .sort()
    .map(path => [path, readFile(disk, join(folder, path)).toString('utf8')] as const);
}

/** Relative paths of all files in the folder and its subfolders; none if it does not exist. */
function innerPaths(disk: Disk, folder: string, inner = ''): string[] {
  return (ifThere(() => disk.list(join(folder, inner))) ?? []).flatMap(entry => {
    const path = `${inner}${entry.name}`;
    if (entry.isDirectory()) return innerPaths(disk, folder, `${path}/`);
    return entry.isFile() ? [path] : [];
  });
}
