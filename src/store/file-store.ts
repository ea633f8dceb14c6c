import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Clock, isoTime, systemClock } from '../sdk/clock.ts';
import { foldJournal } from '../sdk/group/journal/fold.ts';
import { findGroup } from '../sdk/group/store/find-group.ts';
import { listed } from '../sdk/group/store/group-meta.ts';
import { JournalError } from '../sdk/group/store/journal-errors.ts';
import type { GroupMeta, GroupOwner, GroupStore, OwnedGroup, StoredGroup } from '../sdk/group/store/store.ts';
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
import { KeptHistory } from './journal/kept-history.ts';
import { readHistory } from './journal/read-history.ts';
import { readSnapshot } from './journal/snapshot-file.ts';
import { SnapshotJournal } from './journal/snapshot-journal.ts';
import { groupIds, newGroupFolder, removeGroupFolder } from './new-group-folder.ts';
import { type OwnerLock, readOwner, takeOwnership } from './owner-lock.ts';
import { publicOwner } from './owner-record.ts';
import { isKept, revisionDir, sourceFileOf, syncFolder, writeRevision } from './revisions.ts';
import { storeErrors, storeErrorsAtOnce } from './store-error.ts';

export interface FileStoreOptions {
  /** Default: `SESSION_GROUPS_DATA_DIR`, else the user's folder for data. */
  readonly dataDir?: string;
  /** What a journalled record survives: the death of the process (default), or of the machine. */
  readonly durability?: Durability;
  /**
   * Least bytes of records between two snapshots of a group that runs; none is needed to read a group, they make it
   * quicker. Default: 1 MiB.
   */
  readonly snapshotEveryBytes?: number;
  /** Default: the system clock. */
  readonly clock?: Clock;
}

/**
 * Groups as folders, `DATA_DIR/groups/ID` (design-docs/spec-session-groups.md §12). F1 only who holds the lock of a group writes
 * into its folder. F2 the journal is the truth; `meta.json` is what a list shows, replaced as a whole.
 */
export function createFileStore(options: FileStoreOptions = {}): GroupStore {
  const { durability = 'process', clock = systemClock } = options;
  const groups = join(resolve(options.dataDir ?? defaultDataDir()), 'groups');
  const dirOf = (id: string): string => join(groups, id);
  const metaOf = (id: string): GroupMeta => readMetaFile(dirOf(id), id);
  const find = (word: string): string => findGroup(word, groupIds(groups), id => metaOf(id).slug);

  return {
    create: group =>
      storeErrors(groups, () => {
        const settings = { since: isoTime(clock), durable: durability === 'power' };
        const { id, dir, lock } = newGroupFolder(groups, group, settings);
        try {
          const owned = ownedGroup(id, dir, lock, options);
          if (settings.durable) syncFolder(groups);
          return owned;
        } catch (error) {
          bestEffort(() => removeGroupFolder(groups, id)); // there was no room for its journal
          throw error;
        }
      }),
    take: word =>
      storeErrors(groups, () => {
        const id = find(word);
        const lock = takeOwnership(dirOf(id), { groupId: id, since: isoTime(clock) });
        return ownedGroup(id, dirOf(id), lock, options);
      }),
    read: word => storeErrors(groups, () => storedGroup(groups, find(word))),
    list: asked =>
      storeErrors(groups, () =>
        listed(
          groupIds(groups)
            .map(metaOf)
            .filter(meta => existsSync(dirOf(meta.id))),
          asked,
        ),
      ),
    remove: word =>
      storeErrors(groups, () => {
        const id = find(word);
        const lock = takeOwnership(dirOf(id), { groupId: id, since: isoTime(clock) });
        try {
          removeGroupFolder(groups, id);
        } finally {
          lock.release(); // where it could not be removed
        }
        return id;
      }),
  };
}

function storedGroup(groups: string, id: string): StoredGroup {
  const dir = join(groups, id);
  const meta = readMetaFile(dir, id);
  const path = join(dir, JOURNAL_FILE);
  for (let revision = -1; ; ) {
    const history = readHistory(path, id, readSnapshot(dir, id));
    const fold = foldJournal(history.records, history.fold);
    const before = revision;
    revision = fold.revision;
    // The owner may have updated the group twice since its journal was read.
    if (revision !== before && !isKept(dir, revision)) continue;
    const owner = ownerOf(dir);
    const group = groupAt(dir, id, meta, revision);
    const kept = new KeptHistory(path, id, history);
    return {
      ...{ group, meta, fold, ...(owner ? { owner } : {}), dir },
      get records() {
        return kept.records;
      },
      history: ({ fromSeq } = {}) => kept.stream(fromSeq),
    };
  }
}

function groupAt(dir: string, id: string, meta: GroupMeta, revision: number): SessionGroup {
  const folder = revisionDir(dir, revision);
  const sourceFile = revision > 0 ? sourceFileOf(folder) : meta.sourceFile;
  return readGroup(id, meta, { folder, revision, sourceFile });
}

function ownerOf(dir: string): GroupOwner | undefined {
  try {
    const owner = readOwner(dir);
    return owner && publicOwner(owner);
  } catch {
    return undefined; // reading goes on; to take the group is refused with the reason
  }
}

/** What the owner holds. The lock is released when the rest cannot be had. */
function ownedGroup(id: string, dir: string, lock: OwnerLock, options: FileStoreOptions): OwnedGroup {
  const { durability = 'process', snapshotEveryBytes: everyBytes } = options;
  let opened: FileJournal | undefined;
  try {
    const durable = durability === 'power';
    const path = join(dir, JOURNAL_FILE);
    const { journal, history } = FileJournal.open(path, {
      groupId: id,
      durability,
      reserve: join(dir, RESERVE_FILE),
      snapshot: readSnapshot(dir, id),
    });
    opened = journal;
    const kept = new KeptHistory(path, id, history);
    const { index } = kept;
    const fold = foldJournal(history.records, history.fold);
    const journalling = { dir, groupId: id, journal, history, fold, index };
    const snapshots = new SnapshotJournal({
      ...journalling,
      ...(everyBytes === undefined ? {} : { everyBytes }),
    });
    const group = groupAt(dir, id, readMetaFile(dir, id), fold.revision);
    if (durable) syncFolder(dir);
    let folderOf = foldersOf(dir, group);
    let released: Promise<void> | undefined;
    return {
      group,
      fold,
      get records() {
        return kept.records;
      },
      journal: snapshots,
      dir,
      history: ({ fromSeq } = {}) => kept.stream(fromSeq, journal.end.bytes),
      sessionDir: session => folderOf(session),
      redefine: (revision, next) =>
        storeErrorsAtOnce(dir, () => {
          if (released !== undefined) throw new JournalError('journal_closed', path);
          writeRevision(dir, revision, next, durable);
          const redefined = groupAt(dir, id, readMetaFile(dir, id), revision);
          folderOf = foldersOf(dir, redefined);
          return redefined;
        }),
      saveMeta: meta => {
        if (released === undefined) bestEffort(() => writeMeta(dir, meta, durable));
      },
      announce: address => lock.announce(address),
      release: () => {
        released ??= snapshots.close().finally(() => lock.release());
        return released;
      },
    };
  } catch (error) {
    opened?.close().catch(() => {}); // the error says what is wrong
    lock.release();
    throw error;
  }
}

const foldersOf = (dir: string, { definition }: SessionGroup) =>
  sessionFolders(
    dir,
    definition.sessions.map(({ id }) => id),
  );

function bestEffort(write: () => void): void {
  try {
    write();
  } catch {
    // The journal is the truth; the next one may succeed.
  }
}
