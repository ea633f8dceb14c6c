import { join } from 'node:path';
import type { Disk } from '../sdk/disk.ts';
import { isCode, readIfThere, writeFile } from '../sdk/disk-files.ts';
import { SessionGroupsError } from '../sdk/errors.ts';
import { GroupOwnedError } from '../sdk/group/store/store.ts';
import { ForeignOwnerError } from './foreign-owner-error.ts';
import type { Machine } from './machine.ts';
import {
  isElsewhere,
  mayLive,
  type OwnerRecord,
  ownRecord,
  parseOwner,
  publicOwner,
} from './owner-record.ts';

export const OWNER_FILE = 'owner.json';

/** Where the lock lies, and who looks at it. */
export interface LockPorts {
  readonly disk: Disk;
  readonly machine: Machine;
}

export interface OwnerLock {
  /** Writes down where the owner listens. */
  announce(address: string): void;
  /** Safe to call twice. */
  release(): void;
  /** The same lock, once its folder has been renamed. */
  movedTo(dir: string): OwnerLock;
}

export interface TakeOptions {
  readonly groupId: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/**
 * Makes this process the owner of the group in `dir`, or throws.
 *
 * `owner.json` is the lock; each has a token of its own. By these rules no two processes ever own a group (I12),
 * whenever they die:
 *
 * LOCK-1 it appears complete and only where none was, by link(2).
 * LOCK-2 a dead owner's file with token K is replaced by who holds the *ticket* for K, a file named after K, which is
 *    taken by link(2) as well, and only if after that the lock still is the one with K.
 * LOCK-3 the ticket becomes the lock by rename(2), so that at one stroke the ticket is free again and K is gone for
 *    good; who takes a ticket for K later sees by LOCK-2 that it is worth nothing.
 * LOCK-4 a ticket of a dead process has a token as well, and is succeeded in the same way; so the one right to replace
 *    K is that of the last ticket in the chain.
 * LOCK-5 only who is alive and owns a file removes or changes it.
 *
 * @throws GroupOwnedError when it has an owner that may live. @throws SessionGroupsError `owner_unreadable`.
 */
export function takeOwnership(ports: LockPorts, dir: string, { groupId, since }: TakeOptions): OwnerLock {
  const lock = join(dir, OWNER_FILE);
  const { disk, machine } = ports;
  const own = ownRecord(machine, since);
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const owner = readOwner(disk, dir);
    if (owner === undefined) {
      if (linkRecord(disk, dir, own, lock)) return held(disk, dir, own);
    } else {
      if (mayLive(machine, owner)) throw owned(machine, groupId, owner, lock);
      if (succeed(ports, dir, owner, own, groupId)) return held(disk, dir, own);
    }
  }
  throw new SessionGroupsError('owner_contended', `${groupId} is being taken by many processes at once`, {
    hint: 'Try again.',
  });
}

/** Who is written down as the owner. @throws SessionGroupsError `owner_unreadable` for a file that no owner wrote. */
export function readOwner(disk: Disk, dir: string): OwnerRecord | undefined {
  return readRecord(disk, join(dir, OWNER_FILE));
}

/** Each time, somebody else has become the owner and died or left. */
const MOST_TRIES = 1_000;

/** Replaces the dead owner; false when the lock has changed meanwhile. */
function succeed(
  { disk, machine }: LockPorts,
  dir: string,
  dead: OwnerRecord,
  own: OwnerRecord,
  groupId: string,
): boolean {
  const lock = join(dir, OWNER_FILE);
  const isStillDead = (): boolean => readOwner(disk, dir)?.token === dead.token;
  for (let { token } = dead; ; ) {
    const ticket = ticketPath(dir, token);
    if (linkRecord(disk, dir, own, ticket)) {
      if (isStillDead()) disk.rename(ticket, lock);
      else {
        disk.remove(ticket);
        return false;
      }
      removeVoidTickets(disk, dir, own);
      return true;
    }
    const holder = readRecord(disk, ticket);
    if (holder === undefined) return false;
    if (mayLive(machine, holder)) {
      if (isStillDead()) throw owned(machine, groupId, holder, lock);
      return false;
    }
    token = holder.token;
  }
}

/** Once this process owns the group, tickets for other tokens than its own are worth nothing (LOCK-3). */
function removeVoidTickets(disk: Disk, dir: string, own: OwnerRecord): void {
  for (const { name } of disk.list(dir)) {
    if (name.startsWith(TICKET) && !name.includes(own.token)) disk.remove(join(dir, name));
  }
}

function held(disk: Disk, dir: string, own: OwnerRecord): OwnerLock {
  const lock = join(dir, OWNER_FILE);
  let released = false;
  const isOurs = (): boolean => !released && readOwner(disk, dir)?.token === own.token;
  return {
    announce(address) {
      if (!isOurs()) return;
      const temporary = writeTemporary(disk, dir, { ...own, address });
      disk.rename(temporary, lock);
    },
    release() {
      if (isOurs()) disk.remove(lock);
      released = true;
    },
    movedTo: newDir => held(disk, newDir, own),
  };
}

const TICKET = '.owner-after-';
const ticketPath = (dir: string, token: string): string => join(dir, `${TICKET}${token}.json`);

/** False when there is a file already. */
function linkRecord(disk: Disk, dir: string, record: OwnerRecord, path: string): boolean {
  const temporary = writeTemporary(disk, dir, record);
  try {
    disk.link(temporary, path);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    disk.remove(temporary);
  }
}

/** On the disk before it is linked: a lock that is empty after a power cut would have to be removed by hand. */
function writeTemporary(disk: Disk, dir: string, record: OwnerRecord): string {
  const path = join(dir, `.owner-${record.token}.tmp`);
  writeFile(
    disk,
    path,
    `${JSON.stringify(record)}
`,
    { durable: true },
  );
  return path;
}

function readRecord(disk: Disk, path: string): OwnerRecord | undefined {
  const bytes = readIfThere(disk, path);
  if (bytes === undefined) return undefined;
  const record = parseOwner(bytes.toString('utf8'));
  if (record) return record;
  throw new SessionGroupsError('owner_unreadable', `${path} does not say who owns the group`, {
    hint: `If nobody runs the group, remove it: rm '${path}'`,
  });
}

function owned(machine: Machine, groupId: string, owner: OwnerRecord, lock: string): GroupOwnedError {
  if (isElsewhere(machine, owner)) return new ForeignOwnerError(groupId, publicOwner(machine, owner), lock);
  return new GroupOwnedError(groupId, publicOwner(machine, owner));
}
