import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { SessionGroupsError } from '../sdk/errors.ts';
import { GroupOwnedError } from '../sdk/group/store/store.ts';
import { ForeignOwnerError } from './foreign-owner-error.ts';
import {
  isElsewhere,
  mayLive,
  type OwnerRecord,
  ownRecord,
  parseOwner,
  publicOwner,
} from './owner-record.ts';
import { isCode, readIfThere } from './read-if-there.ts';

export const OWNER_FILE = 'owner.json';

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
 * `owner.json` is the lock; each has a token of its own. L1: it appears complete and only where none was, by link(2).
 * L2: a dead owner's file with token K is replaced by who holds the *ticket* for K, a file named after K, which is
 * taken by link(2) as well, and only if after that the lock still is the one with K. L3: the ticket becomes the lock
 * by rename(2), so that at one stroke the ticket is free again and K is gone for good; who takes a ticket for K later
 * sees by L2 that it is worth nothing. L4: a ticket of a dead process has a token as well, and is succeeded in the same
 * way; so the one right to replace K is that of the last ticket in the chain. L5: only who is alive and owns a file
 * removes or changes it. So no two processes ever own a group (I12), whenever they die.
 *
 * @throws GroupOwnedError when it has an owner that may live. @throws SessionGroupsError `owner_unreadable`.
 */
export function takeOwnership(dir: string, { groupId, since }: TakeOptions): OwnerLock {
  const lock = join(dir, OWNER_FILE);
  const own = ownRecord(since);
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const owner = readOwner(dir);
    if (owner === undefined) {
      if (linkRecord(dir, own, lock)) return held(dir, own);
    } else {
      if (mayLive(owner)) throw owned(groupId, owner, lock);
      if (succeed(dir, owner, own, groupId)) return held(dir, own);
    }
  }
  throw new SessionGroupsError('owner_contended', `${groupId} is being taken by many processes at once`, {
    hint: 'Try again.',
  });
}

/** Who is written down as the owner. @throws SessionGroupsError `owner_unreadable` for a file that no owner wrote. */
export function readOwner(dir: string): OwnerRecord | undefined {
  return readRecord(join(dir, OWNER_FILE));
}

/** Each time, somebody else has become the owner and died or left. */
const MOST_TRIES = 1_000;

/** Replaces the dead owner; false when the lock has changed meanwhile. */
function succeed(dir: string, dead: OwnerRecord, own: OwnerRecord, groupId: string): boolean {
  const lock = join(dir, OWNER_FILE);
  const isStillDead = (): boolean => readOwner(dir)?.token === dead.token;
  for (let { token } = dead; ; ) {
    const ticket = ticketPath(dir, token);
    if (linkRecord(dir, own, ticket)) {
      if (isStillDead()) renameSync(ticket, lock);
      else {
        rmSync(ticket, { force: true });
        return false;
      }
      removeVoidTickets(dir, own);
      return true;
    }
    const holder = readRecord(ticket);
    if (holder === undefined) return false;
    if (mayLive(holder)) {
      if (isStillDead()) throw owned(groupId, holder, lock);
      return false;
    }
    token = holder.token;
  }
}

/** Once this process owns the group, tickets for other tokens than its own are worth nothing (L3). */
function removeVoidTickets(dir: string, own: OwnerRecord): void {
  for (const name of readdirSync(dir)) {
    if (name.startsWith(TICKET) && !name.includes(own.token)) rmSync(join(dir, name), { force: true });
  }
}

function held(dir: string, own: OwnerRecord): OwnerLock {
  const lock = join(dir, OWNER_FILE);
  let released = false;
  const isOurs = (): boolean => !released && readOwner(dir)?.token === own.token;
  return {
    announce(address) {
      if (!isOurs()) return;
      const temporary = writeTemporary(dir, { ...own, address });
      renameSync(temporary, lock);
    },
    release() {
      if (isOurs()) rmSync(lock, { force: true });
      released = true;
    },
    movedTo: newDir => held(newDir, own),
  };
}

const TICKET = '.owner-after-';
const ticketPath = (dir: string, token: string): string => join(dir, `${TICKET}${token}.json`);

/** False when there is a file already. */
function linkRecord(dir: string, record: OwnerRecord, path: string): boolean {
  const temporary = writeTemporary(dir, record);
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** On the disk before it is linked: a lock that is empty after a power cut would have to be removed by hand. */
function writeTemporary(dir: string, record: OwnerRecord): string {
  const path = join(dir, `.owner-${record.token}.tmp`);
  const fd = openSync(path, 'w', 0o600);
  try {
    writeSync(fd, `${JSON.stringify(record)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return path;
}

function readRecord(path: string): OwnerRecord | undefined {
  const bytes = readIfThere(path);
  if (bytes === undefined) return undefined;
  const record = parseOwner(bytes.toString('utf8'));
  if (record) return record;
  throw new SessionGroupsError('owner_unreadable', `${path} does not say who owns the group`, {
    hint: `If nobody runs the group, remove it: rm '${path}'`,
  });
}

function owned(groupId: string, owner: OwnerRecord, lock: string): GroupOwnedError {
  if (isElsewhere(owner)) return new ForeignOwnerError(groupId, publicOwner(owner), lock);
  return new GroupOwnedError(groupId, publicOwner(owner));
}
