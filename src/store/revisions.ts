import { join } from 'node:path';
import type { Disk } from '../sdk/disk.ts';
import { ifThere, makeFolders, readIfThere, writeFile } from '../sdk/disk-files.ts';
import type { NewDefinition } from '../sdk/group/store/store.ts';
import { writeDefinition } from './group-folder.ts';

/**
 * The definitions of a group that came after the one that it was created with: `revisions/3`, with the same files in
 * it as the group's own folder has. Which of them holds is the journal's to say (STORE-5), so that there is one moment
 * in which a definition is replaced, whatever happens before and after it.
 *
 * REVISION-1 a folder that the journal names is never changed.
 * REVISION-2 it is kept at least until the journal has named the one after the next: who has read the journal a moment
 *    ago still finds it.
 */
const REVISIONS = 'revisions';
const ORIGIN_FILE = 'origin.json';

/** Where the definition of a revision lies; 0: where the group was created. */
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

/** The file that a revision was read from; undefined for one from an object. */
export function sourceFileOf(disk: Disk, folder: string): string | undefined {
  try {
    const origin: unknown = JSON.parse(
      readIfThere(disk, join(folder, ORIGIN_FILE))?.toString('utf8') ?? '{}',
    );
    if (typeof origin !== 'object' || origin === null || !('sourceFile' in origin)) return undefined;
    return typeof origin.sourceFile === 'string' ? origin.sourceFile : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the folder of a revision is there. */
export function isKept(disk: Disk, dir: string, revision: number): boolean {
  return (ifThere(() => disk.list(revisionDir(dir, revision))) ?? []).length > 0;
}
