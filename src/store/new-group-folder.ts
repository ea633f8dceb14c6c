import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Disk } from '../sdk/disk/disk.ts';
import { ifThere, isCode, makeFolders } from '../sdk/disk/disk-files.ts';
import { SessionGroupsError } from '../sdk/errors.ts';
import { given } from '../sdk/given.ts';
import { groupIdOf } from '../sdk/group/store/group-id.ts';
import { newGroupMeta } from '../sdk/group/store/group-meta.ts';
import type { NewGroup } from '../sdk/group/store/store.ts';
import { GROUP_SLUG } from '../sdk/group/types.ts';
import { writeDefinition, writeMeta } from './group-folder.ts';
import { type LockPorts, type OwnerLock, readOwner, takeOwnership } from './owner-lock.ts';
import { lifeOf } from './owner-record.ts';

export interface NewFolder {
  readonly id: string;
  readonly dir: string;
  readonly lock: OwnerLock;
}

const MAKING = '.creating-';
const REMOVING = '.removing-';

/**
 * Creates the folder of a new group. It appears atomically, owned and with all its files: it is created under a name
 * with a leading dot, which lists skip, and then renamed. If the name is already taken, rename(2) fails because that
 * folder is not empty, and the next suffix is tried.
 */
export function newGroupFolder(
  ports: LockPorts,
  groups: string,
  group: NewGroup,
  options: { readonly since: string; readonly durable: boolean },
): NewFolder {
  if (!GROUP_SLUG.test(group.slug)) {
    const name = JSON.stringify(group.slug);
    throw new SessionGroupsError('invalid_slug', `${name} cannot be part of a group id`);
  }
  const { disk } = ports;
  makeFolders(disk, groups, options.durable);
  removeAbandoned(ports, groups);
  const making = join(groups, `${MAKING}${randomUUID()}`);
  makeFolders(disk, making);
  try {
    const lock = takeOwnership(ports, making, group.slug, options.since);
    writeDefinition(disk, making, group, options.durable);
    const createdAt = new Date(group.createdAt).toISOString();
    for (;;) {
      const id = groupIdOf(group.slug, group.createdAt, taken => disk.exists(join(groups, taken)));
      const { slug, definition, source, rehearsal, executor } = group;
      const more = given({ sourceFile: source?.file, rehearsal, executor });
      const meta = newGroupMeta({ id, slug, createdAt, definition, ...more });
      writeMeta(disk, making, meta, options.durable);
      const dir = join(groups, id);
      if (renamed(disk, making, dir)) return { id, dir, lock: lock.movedTo(dir) };
    }
  } catch (error) {
    disk.removeTree(making);
    throw error;
  }
}

/** Hides the folder of a group that the caller owns from all lists atomically, then deletes it (STORE-4). */
export function removeGroupFolder(disk: Disk, groups: string, id: string, durable: boolean): void {
  const removing = join(groups, `${REMOVING}${randomUUID()}`);
  disk.rename(join(groups, id), removing);
  if (durable) disk.syncFolder(groups);
  disk.removeTree(removing);
}

/** The groups a list shows: all but folders that are being created or removed. */
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

/** Removes folders whose creator or remover died before it was done. */
function removeAbandoned({ disk, machine }: LockPorts, groups: string): void {
  for (const name of folders(disk, groups)) {
    const removing = name.startsWith(REMOVING);
    if (!removing && !name.startsWith(MAKING)) continue;
    const dir = join(groups, name);
    try {
      const owner = readOwner(disk, dir);
      // A folder that is being removed may have lost its lock file first.
      if (owner ? lifeOf(machine, owner) === 'dead' : removing) disk.removeTree(dir);
    } catch {
      // Best effort: another process may be removing it.
    }
  }
}

function folders(disk: Disk, groups: string): string[] {
  const found = ifThere(() => disk.list(groups)) ?? [];
  return found.filter(entry => entry.isDirectory()).map(entry => entry.name);
}
