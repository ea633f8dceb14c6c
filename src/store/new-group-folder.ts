import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Disk } from '../sdk/disk.ts';
import { ifThere, isCode, makeFolders } from '../sdk/disk-files.ts';
import { SessionGroupsError } from '../sdk/errors.ts';
import { groupIdOf } from '../sdk/group/store/group-id.ts';
import { newMeta } from '../sdk/group/store/group-meta.ts';
import type { NewGroup } from '../sdk/group/store/store.ts';
import { GROUP_SLUG } from '../sdk/group/types.ts';
import { writeDefinition, writeMeta } from './group-folder.ts';
import { type LockPorts, type OwnerLock, readOwner, takeOwnership } from './owner-lock.ts';
import { mayLive } from './owner-record.ts';

export interface NewFolder {
  readonly id: string;
  readonly dir: string;
  readonly lock: OwnerLock;
}

const MAKING = '.creating-';
const REMOVING = '.removing-';

/**
 * Makes the folder of a new group. It appears with all its files, and owned, at one stroke: it is made under a name
 * that starts with a dot, which no list shows, and then renamed. A name that somebody else was given first makes
 * rename(2) fail, for that folder is not empty; then the next suffix is tried.
 */
export function newGroupFolder(
  ports: LockPorts,
  groups: string,
  group: NewGroup,
  options: { readonly since: string; readonly durable: boolean },
): NewFolder {
  if (!GROUP_SLUG.test(group.slug)) {
    throw new SessionGroupsError(
      'invalid_slug',
      `${JSON.stringify(group.slug)} cannot be part of a group id`,
    );
  }
  const { disk } = ports;
  makeFolders(disk, groups, options.durable);
  removeAbandoned(ports, groups);
  const making = join(groups, `${MAKING}${randomUUID()}`);
  makeFolders(disk, making);
  try {
    const lock = takeOwnership(ports, making, { groupId: group.slug, since: options.since });
    writeDefinition(disk, making, group, options.durable);
    const createdAt = new Date(group.createdAt).toISOString();
    for (;;) {
      const id = groupIdOf(group.slug, group.createdAt, taken => disk.exists(join(groups, taken)));
      const { slug, definition, source } = group;
      const sourceFile = source === undefined ? {} : { sourceFile: source.file };
      const meta = newMeta({ id, slug, createdAt, definition, ...sourceFile });
      writeMeta(disk, making, meta, options.durable);
      const dir = join(groups, id);
      if (renamed(disk, making, dir)) return { id, dir, lock: lock.movedTo(dir) };
    }
  } catch (error) {
    disk.removeTree(making);
    throw error;
  }
}

/** Takes the folder of a group, which the caller owns, out of all lists at one stroke, and then to pieces (STORE-4). */
export function removeGroupFolder(disk: Disk, groups: string, id: string): void {
  const removing = join(groups, `${REMOVING}${randomUUID()}`);
  disk.rename(join(groups, id), removing);
  disk.removeTree(removing);
}

/** What a list shows: everything but folders in the making or unmaking. */
export function groupIds(disk: Disk, groups: string): string[] {
  return folders(disk, groups).filter(name => !name.startsWith('.'));
}

function renamed(disk: Disk, from: string, to: string): boolean {
  try {
    disk.rename(from, to);
    return true;
  } catch (error) {
    if (isCode(error, 'ENOTEMPTY') || isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Folders whose maker, or remover, died before they were done. */
function removeAbandoned({ disk, machine }: LockPorts, groups: string): void {
  for (const name of folders(disk, groups)) {
    const removing = name.startsWith(REMOVING);
    if (!removing && !name.startsWith(MAKING)) continue;
    const dir = join(groups, name);
    try {
      const owner = readOwner(disk, dir);
      // What is being removed may have lost its owner's file first.
      if (owner ? !mayLive(machine, owner) : removing) disk.removeTree(dir);
    } catch {
      // Somebody else's business.
    }
  }
}

function folders(disk: Disk, groups: string): string[] {
  const found = ifThere(() => disk.list(groups)) ?? [];
  return found.filter(entry => entry.isDirectory()).map(entry => entry.name);
}
