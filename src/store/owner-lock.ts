import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Disk } from '../sdk/disk/disk.ts';
import { isCode, readIfThere, writeFile } from '../sdk/disk/disk-files.ts';
import { SessionGroupsError } from '../sdk/errors.ts';
import { GroupOwnedError, type TakeOptions } from '../sdk/group/store/store.ts';
import { parseJson } from '../sdk/json.ts';
import { TAKE_OVER_RISK } from '../sdk/take-over-words.ts';
import type { Machine } from './machine.ts';
import { lifeOf, OwnerRecord, ownRecord, publicOwner } from './owner-record.ts';

export const OWNER_FILE = 'owner.json';

/** The disk that the lock is on and the machine that checks it. */
export interface LockPorts {
  readonly disk: Disk;
  readonly machine: Machine;
}

export interface OwnerLock {
  /** Records the owner's control socket. */
  announce(address: string): void;
  /** Safe to call twice. */
  release(): void;
  /** The same lock, once its folder has been renamed. */
  movedTo(dir: string): OwnerLock;
}

/**
 * Makes this process the owner of the group in `dir`, or throws.
 *
 * `owner.json` is the lock; each has a token of its own. These rules ensure that no two processes ever own a group
 * (I12), whenever they die:
 *
 * LOCK-1 the lock appears complete, and only if there is none, by link(2).
 * LOCK-2 a dead owner's lock with token K is replaced only by the holder of the *ticket* for K, a file named after K
 *    that is also taken by link(2), and only if the lock still has token K after that.
 * LOCK-3 the ticket becomes the lock by rename(2), which atomically frees the ticket and removes K for good; a process
 *    that takes a ticket for K later sees by LOCK-2 that it is void.
 * LOCK-4 the ticket of a dead process also has a token and is replaced in the same way; so only the last ticket in the
 *    chain gives the right to replace K.
 * LOCK-5 only the live process that owns a file removes or changes it. It looks at its lock only to announce its socket
 *    and to release it: it does not notice before that others have edited, replaced or removed the file, against this
 *    rule, and leaves alone then what is not its own.
 *
 * Whether an owner is dead is `lifeOf`'s to say; with `takeOver`, one that can't be checked counts as dead too, and so
 * does that of a lock that can't be read, whose token is a hash of its bytes.
 *
 * @param since ISO 8601, UTC.
 * @throws GroupOwnedError if it has an owner that may be alive. @throws SessionGroupsError `owner_unreadable`.
 */
export function takeOwnership(
  ports: LockPorts,
  dir: string,
  groupId: string,
  since: string,
  options: TakeOptions = {},
): OwnerLock {
  const lock = join(dir, OWNER_FILE);
  const { disk, machine } = ports;
  const own = ownRecord(machine, since);
  const isDead = (owner: OwnerRecord): boolean => {
    const life = lifeOf(machine, owner);
    return life === 'dead' || (life === 'unknown' && options.takeOver === true);
  };
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const found = lockAt(disk, lock, options);
    if (found === undefined) {
      if (linkRecord(disk, dir, own, lock)) return held(disk, dir, own);
    } else {
      const { owner } = found;
      if (owner && !isDead(owner)) throw owned(machine, groupId, owner);
      if (replaceDeadOwner({ ports, dir, groupId, isDead, options }, found, own)) return held(disk, dir, own);
    }
  }
  const text = `too many processes are trying to take over ${groupId} at once`;
  throw new SessionGroupsError('owner_contended', text, { hint: 'Try again.' });
}

/** The recorded owner. @throws SessionGroupsError `owner_unreadable` for a file that no owner wrote. */
export function readOwner(disk: Disk, dir: string): OwnerRecord | undefined {
  return readRecord(disk, join(dir, OWNER_FILE));
}

/** Each try means that another process became the owner and died or left. */
const MAX_TRIES = 1_000;

interface Contended {
  readonly ports: LockPorts;
  readonly dir: string;
  readonly groupId: string;
  readonly isDead: (owner: OwnerRecord) => boolean;
  readonly options: TakeOptions;
}

/** What a lock says of its owner; of one that can't be read, its token alone. */
interface Lock {
  readonly token: string;
  readonly owner?: OwnerRecord;
}

/** @throws SessionGroupsError `owner_unreadable`, unless it is to be taken over. */
function lockAt(disk: Disk, path: string, { takeOver = false }: TakeOptions): Lock | undefined {
  try {
    const owner = readRecord(disk, path);
    return owner && { token: owner.token, owner };
  } catch (error) {
    if (!takeOver || !isUnreadable(error)) throw error;
    const bytes = readIfThere(disk, path);
    return bytes && { token: createHash('sha256').update(bytes).digest('hex').slice(0, TOKEN_LENGTH) };
  }
}

/** That of the tokens in records. */
const TOKEN_LENGTH = 36;

const isUnreadable = (error: unknown): boolean =>
  error instanceof SessionGroupsError && error.code === 'owner_unreadable';

/** Replaces the dead owner; false if the lock has changed meanwhile. */
function replaceDeadOwner(
  { ports, dir, groupId, isDead, options }: Contended,
  dead: Lock,
  own: OwnerRecord,
): boolean {
  const { disk, machine } = ports;
  const lock = join(dir, OWNER_FILE);
  const isStillDead = (): boolean => lockAt(disk, lock, options)?.token === dead.token;
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
    if (!isDead(holder)) {
      if (isStillDead()) throw owned(machine, groupId, holder);
      return false;
    }
    token = holder.token;
  }
}

/** Once this process owns the group, tickets for other tokens are void (LOCK-3). */
function removeVoidTickets(disk: Disk, dir: string, own: OwnerRecord): void {
  for (const { name } of disk.list(dir)) {
    if (name.startsWith(TICKET) && !name.includes(own.token)) disk.remove(join(dir, name));
  }
}

function held(disk: Disk, dir: string, own: OwnerRecord): OwnerLock {
  const lock = join(dir, OWNER_FILE);
  let released = false;
  const isOurs = (): boolean => {
    if (released) return false;
    try {
      return readOwner(disk, dir)?.token === own.token;
    } catch (error) {
      if (isUnreadable(error)) return false;
      throw error;
    }
  };
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

/** False if the file already exists. */
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

/** Synced before it is linked: a lock that is empty after a power failure would have to be removed by hand. */
function writeTemporary(disk: Disk, dir: string, record: OwnerRecord): string {
  const path = join(dir, `.owner-${record.token}.tmp`);
  writeFile(disk, path, `${JSON.stringify(record)}\n`, { durable: true });
  return path;
}

function readRecord(disk: Disk, path: string): OwnerRecord | undefined {
  const bytes = readIfThere(disk, path);
  if (bytes === undefined) return undefined;
  const record = OwnerRecord.safeParse(parseJson(bytes.toString('utf8'))).data;
  if (record) return record;
  throw new SessionGroupsError('owner_unreadable', `${path} is not a valid owner record`, {
    hint: `If you are sure that no process runs the group, remove the file: rm '${path}', or repeat the command with --take-over (HTTP: takeOver); ${TAKE_OVER_RISK}.`,
  });
}

const owned = (machine: Machine, groupId: string, owner: OwnerRecord): GroupOwnedError =>
  new GroupOwnedError(groupId, publicOwner(machine, owner));
