import { join, resolve } from 'node:path';
import { type Clock, isoTime, systemClock } from '../sdk/clock.ts';
import { type Disk, systemDisk } from '../sdk/disk/disk.ts';
import { textOfThrown } from '../sdk/errors.ts';
import { given } from '../sdk/given.ts';
import { foldJournal, newGroupFold } from '../sdk/group/journal/fold.ts';
import { FORMAT, type JournalFormat } from '../sdk/group/journal/format.ts';
import { findGroup } from '../sdk/group/store/find-group.ts';
import { listedGroups } from '../sdk/group/store/group-meta.ts';
import { JournalError } from '../sdk/group/store/journal-errors.ts';
import type { GroupMeta, GroupStore, OwnedGroup, StoredGroup } from '../sdk/group/store/store.ts';
import type { SessionGroup } from '../sdk/group/types.ts';
import { dataDir as defaultDataDir } from '../sdk/user-folders.ts';
import {
  JOURNAL_FILE,
  RESERVE_FILE,
  readGroup,
  readMetaFile,
  sessionFolders,
  writeMeta,
} from './group-folder.ts';
import { type Durability, FileJournal } from './journal/file-journal.ts';
import { readHistory } from './journal/read-history.ts';
import { readSnapshot } from './journal/snapshot-file.ts';
import { SnapshotJournal } from './journal/snapshot-journal.ts';
import { StoredHistory } from './journal/stored-history.ts';
import { assertNoneLost, bootOf, readProof } from './lost-records.ts';
import { thisMachine } from './machine.ts';
import { groupIds, newGroupFolder, removeGroupFolder } from './new-group-folder.ts';
import { type LockPorts, type OwnerLock, readOwner, takeOwnership } from './owner-lock.ts';
import { publicOwner } from './owner-record.ts';
import { hasRevision, revisionDir, sourceFileOf, writeRevision } from './revisions.ts';
import { storeErrors, storeErrorsAtOnce } from './store-error.ts';

/** Options of `createFileStore`. */
export interface FileStoreOptions {
  /** Default: `SESSION_GROUPS_DATA_DIR`, else the user's data folder. */
  readonly dataDir?: string;
  /** What a journalled record survives: the death of the process (default), or of the machine. */
  readonly durability?: Durability;
  /**
   * Minimum bytes of records between two snapshots of a running group. Snapshots only make reading faster; a group can
   * be read without one. Default: 1 MiB.
   */
  readonly snapshotEveryBytes?: number;
  /** Default: the system clock. */
  readonly clock?: Clock;
}

/**
 * Groups as folders, `DATA_DIR/groups/ID`.
 *
 * FILE-STORE-1 only the holder of a group's lock writes to its folder.
 * FILE-STORE-2 the journal is the source of truth; `meta.json` is what a list shows, and is replaced atomically.
 */
export const createFileStore = (options: FileStoreOptions = {}): GroupStore =>
  fileStore({ disk: systemDisk, machine: thisMachine, format: FORMAT }, options);

/** The disk and machine that a file store uses. */
export interface StorePorts extends LockPorts {
  readonly format: JournalFormat;
}

/** A file store on any disk and machine. */
export function fileStore(ports: StorePorts, options: FileStoreOptions): GroupStore {
  const { disk } = ports;
  const { durability = 'process', clock = systemClock } = options;
  const groups = join(resolve(options.dataDir ?? defaultDataDir()), 'groups');
  const dirOf = (id: string): string => join(groups, id);
  const metaOf = (id: string): GroupMeta => readMetaFile(disk, dirOf(id), id);
  const find = (word: string): string => findGroup(word, groupIds(disk, groups), id => metaOf(id).slug);

  return {
    create: group =>
      storeErrors(groups, () => {
        const settings = { since: isoTime(clock), durable: durability === 'power' };
        const { id, dir, lock } = newGroupFolder(ports, groups, group, settings);
        try {
          const owned = ownedGroup(ports, id, dir, lock, options);
          if (settings.durable) disk.syncFolder(groups);
          return owned;
        } catch (error) {
          bestEffort(() => removeGroupFolder(disk, groups, id, settings.durable)); // no space for its journal
          throw error;
        }
      }),
    take: (word, how) =>
      storeErrors(groups, () => {
        const id = find(word);
        const lock = takeOwnership(ports, dirOf(id), id, isoTime(clock), how);
        return ownedGroup(ports, id, dirOf(id), lock, options);
      }),
    read: word => storeErrors(groups, () => storedGroup(ports, groups, find(word))),
    list: asked =>
      storeErrors(groups, () =>
        listedGroups(
          groupIds(disk, groups)
            .map(metaOf)
            .filter(meta => disk.exists(dirOf(meta.id))),
          asked,
        ),
      ),
    async remove(word, how, before) {
      const { id, lock } = await storeErrors(groups, () => {
        const found = find(word);
        return { id: found, lock: takeOwnership(ports, dirOf(found), found, isoTime(clock), how) };
      });
      try {
        await before?.();
        await storeErrors(groups, () => removeGroupFolder(disk, groups, id, durability === 'power'));
      } finally {
        await storeErrors(groups, () => lock.release()); // in case the folder could not be removed
      }
      return id;
    },
  };
}

function storedGroup(ports: StorePorts, groups: string, id: string): StoredGroup {
  const { disk, format, machine } = ports;
  const dir = join(groups, id);
  const meta = readMetaFile(disk, dir, id);
  const known = { dir, boot: bootOf(machine), meta, proof: readProof(disk, dir) };
  const place = { disk, path: join(dir, JOURNAL_FILE), groupId: id, format };
  for (let revision = -1; ; ) {
    const snapshot = readSnapshot(place);
    const history = readHistory(place, snapshot);
    const fold = foldJournal(history.records, history.fold);
    assertNoneLost(known, history, fold, snapshot);
    const before = revision;
    revision = fold.revision;
    // The owner may have updated the group twice since its journal was read.
    if (revision !== before && !hasRevision(disk, dir, revision)) continue;
    const group = groupAt(disk, dir, id, meta, revision);
    const stored = new StoredHistory(place, history);
    return {
      ...{ group, meta, fold, ...ownerOf(ports, dir), dir },
      get records() {
        return stored.records;
      },
      history: ({ fromSeq } = {}) => stored.stream(fromSeq),
    };
  }
}

function groupAt(disk: Disk, dir: string, id: string, meta: GroupMeta, revision: number): SessionGroup {
  const folder = revisionDir(dir, revision);
  const sourceFile = revision > 0 ? sourceFileOf(disk, folder) : meta.sourceFile;
  return readGroup(disk, id, meta, { folder, revision, sourceFile });
}

/** A lock that can't be read doesn't prevent reading the group; taking it fails with the same reason. */
function ownerOf({ disk, machine }: StorePorts, dir: string): Pick<StoredGroup, 'owner' | 'ownerUnreadable'> {
  try {
    const owner = readOwner(disk, dir);
    return owner ? { owner: publicOwner(machine, owner) } : {};
  } catch (error) {
    return { ownerUnreadable: textOfThrown(error) };
  }
}

/** The group as its owner uses it. Releases the lock if opening the rest fails. */
function ownedGroup(
  { disk, format, machine }: StorePorts,
  id: string,
  dir: string,
  lock: OwnerLock,
  options: FileStoreOptions,
): OwnedGroup {
  const { durability = 'process', snapshotEveryBytes: everyBytes } = options;
  let opened: FileJournal | undefined;
  try {
    const durable = durability === 'power';
    const path = join(dir, JOURNAL_FILE);
    const place = { disk, path, groupId: id, format };
    const meta = readMetaFile(disk, dir, id);
    const boot = bootOf(machine);
    const known = { dir, boot, meta, proof: readProof(disk, dir) };
    const snapshot = readSnapshot(place);
    let fold = newGroupFold();
    const { journal, history } = FileJournal.open(place, {
      durability,
      reserve: join(dir, RESERVE_FILE),
      snapshot,
      check(found) {
        fold = foldJournal(found.records, found.fold);
        assertNoneLost(known, found, fold, snapshot);
      },
    });
    opened = journal;
    const stored = new StoredHistory(place, history);
    const { index } = stored;
    const snapshots = new SnapshotJournal(given({ place, journal, history, fold, index, everyBytes }));
    const group = groupAt(disk, dir, id, meta, fold.revision);
    if (durable) disk.syncFolder(dir);
    let folderOf = foldersOf(disk, dir, group);
    let released: Promise<void> | undefined;
    return {
      group,
      fold,
      get records() {
        return stored.records;
      },
      journal: snapshots,
      dir,
      history: ({ fromSeq } = {}) => stored.stream(fromSeq, journal.end.bytes),
      sessionDir: session => folderOf(session),
      redefine: (revision, next) =>
        storeErrorsAtOnce(dir, () => {
          if (released !== undefined) throw new JournalError('journal_closed', path);
          writeRevision(disk, dir, revision, next, durable);
          const redefined = groupAt(disk, dir, id, readMetaFile(disk, dir, id), revision);
          folderOf = foldersOf(disk, dir, redefined);
          return redefined;
        }),
      saveMeta: meta => {
        const proof = { lines: journal.end.lines, ...(boot === undefined ? {} : { boot }) };
        if (released === undefined) bestEffort(() => writeMeta(disk, dir, meta, durable, proof));
      },
      announce: address => lock.announce(address),
      release: () => {
        released ??= snapshots.close().finally(() => lock.release());
        return released;
      },
    };
  } catch (error) {
    opened?.close().catch(() => {}); // the first error matters
    lock.release();
    throw error;
  }
}

const foldersOf = (disk: Disk, dir: string, { definition }: SessionGroup) =>
  sessionFolders(
    disk,
    dir,
    definition.sessions.map(({ id }) => id),
  );

function bestEffort(write: () => void): void {
  try {
    write();
  } catch {
    // The journal is the source of truth; the next save may succeed.
  }
}
