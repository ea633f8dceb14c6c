import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SessionGroupsError } from '../sdk/errors.ts';
import { groupIdOf } from '../sdk/group/store/group-id.ts';
import { newMeta } from '../sdk/group/store/group-meta.ts';
import type { NewGroup } from '../sdk/group/store/store.ts';
import { GROUP_SLUG } from '../sdk/group/types.ts';
import { makeFolder, writeDefinition, writeMeta } from './group-folder.ts';
import { type OwnerLock, readOwner, takeOwnership } from './owner-lock.ts';
import { mayLive } from './owner-record.ts';
import { isCode } from './read-if-there.ts';

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
  makeFolder(groups);
  removeAbandoned(groups);
  const making = join(groups, `${MAKING}${randomUUID()}`);
  makeFolder(making);
  try {
    const lock = takeOwnership(making, { groupId: group.slug, since: options.since });
    writeDefinition(making, group, options.durable);
    const createdAt = new Date(group.createdAt).toISOString();
    for (;;) {
      const id = groupIdOf(group.slug, group.createdAt, taken => existsSync(join(groups, taken)));
      const { slug, definition, source } = group;
      const sourceFile = source === undefined ? {} : { sourceFile: source.file };
      const meta = newMeta({ id, slug, createdAt, definition, ...sourceFile });
      writeMeta(making, meta, options.durable);
      const dir = join(groups, id);
      if (renamed(making, dir)) return { id, dir, lock: lock.movedTo(dir) };
    }
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    throw error;
  }
}

/** Takes the folder of a group, which the caller owns, out of all lists at one stroke, and then to pieces (T4). */
export function removeGroupFolder(groups: string, id: string): void {
  const removing = join(groups, `${REMOVING}${randomUUID()}`);
  renameSync(join(groups, id), removing);
  rmSync(removing, { recursive: true, force: true, maxRetries: 3 });
}

/** What a list shows: everything but folders in the making or unmaking. */
export function groupIds(groups: string): string[] {
  return entries(groups).filter(name => !name.startsWith('.'));
}

function renamed(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (isCode(error, 'ENOTEMPTY') || isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Folders whose maker, or remover, died before they were done. */
function removeAbandoned(groups: string): void {
  for (const name of entries(groups)) {
    const removing = name.startsWith(REMOVING);
    if (!removing && !name.startsWith(MAKING)) continue;
    const dir = join(groups, name);
    try {
      const owner = readOwner(dir);
      // What is being removed may have lost its owner's file first.
      if (owner ? !mayLive(owner) : removing) rmSync(dir, { recursive: true, force: true });
    } catch {
      // Somebody else's business.
    }
  }
}

function entries(groups: string): string[] {
  try {
    const found = readdirSync(groups, { withFileTypes: true });
    return found.filter(entry => entry.isDirectory()).map(entry => entry.name);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}
