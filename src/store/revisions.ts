import { join } from 'node:path';
import { z } from 'zod';
import type { Disk } from '../sdk/disk/disk.ts';
import { ifThere, makeFolders, readIfThere, writeFile } from '../sdk/disk/disk-files.ts';
import type { NewDefinition } from '../sdk/group/store/store.ts';
import { parseJson } from '../sdk/json.ts';
import { writeDefinition } from './group-folder.ts';

/**
 * The later definitions of a group: `revisions/3`, with the same files as the group's own folder. The journal says
 * which one is current (STORE-5), so that a definition is replaced at one well-defined moment.
 *
 * REVISION-1 a folder that the journal names is never changed.
 * REVISION-2 it is kept at least until the journal has named two newer ones: a process that read the journal a moment
 *    ago still finds it.
 */
const REVISIONS = 'revisions';
const ORIGIN_FILE = 'origin.json';
const Origin = z.object({ sourceFile: z.string() });

/** The folder of a revision's definition; 0: the group's own folder. */
export const revisionDir = (dir: string, revision: number): string =>
  revision > 0 ? join(dir, REVISIONS, String(revision)) : dir;

export function writeRevision(
  disk: Disk,
  dir: string,
  revision: number,
  next: NewDefinition,
  durable: boolean,
): void {
  const revisions = join(dir, REVISIONS);
  makeFolders(disk, revisions);
  for (const { name } of disk.list(revisions)) {
    if (name !== String(revision - 1)) disk.removeTree(join(revisions, name));
  }
  const folder = revisionDir(dir, revision);
  makeFolders(disk, folder);
  writeDefinition(disk, folder, next, durable);
  if (next.source !== undefined) {
    const text = `${JSON.stringify({ sourceFile: next.source.file })}\n`;
    writeFile(disk, join(folder, ORIGIN_FILE), text, { durable });
  }
  if (durable) for (const path of [folder, revisions, dir]) disk.syncFolder(path);
}

/** The file that a revision was read from; undefined if it was passed as an object. */
export function sourceFileOf(disk: Disk, folder: string): string | undefined {
  try {
    const text = readIfThere(disk, join(folder, ORIGIN_FILE))?.toString('utf8') ?? '';
    return Origin.safeParse(parseJson(text)).data?.sourceFile;
  } catch {
    return undefined;
  }
}

/** Whether the folder of a revision exists. */
export function hasRevision(disk: Disk, dir: string, revision: number): boolean {
  return (ifThere(() => disk.list(revisionDir(dir, revision))) ?? []).length > 0;
}
