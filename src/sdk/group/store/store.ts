import type { GroupStatus } from '../../../../machines/vocabulary.ts';
import { SessionGroupsError } from '../../errors.ts';
import type { GroupFiles } from '../document/group-files.ts';
import type { GroupFold } from '../journal/fold.ts';
import type { Journal } from '../journal/journal.ts';
import type { JournalRecord } from '../journal/records.ts';
import type { SessionGroup, SessionGroupDefinition } from '../types.ts';

/**
 * Where groups live between processes. A file and a memory implementation keep the same conformance suite.
 *
 * STORE-1 one owner per group (I12): `create` and `take` give ownership, or throw a GroupOwnedError that says whose it
 *    is.
 * STORE-2 reading never needs ownership and never changes anything.
 * STORE-3 what an owner appended is read back, in order; a torn last line is repaired by the next owner, any other
 *    damage is refused with its line and nothing is overwritten.
 * STORE-4 what is removed is gone at one stroke for everybody, and only while nobody else owns it; damage does not keep
 *    a group from being removed.
 * STORE-5 a new definition holds from the moment in which the journal has the `group_updated` that names its revision.
 *    Whoever reads sees a definition that fits the records that come with it, also after a crash in between.
 */
export interface GroupStore {
  /** Makes a place for a new group under an id of its own, however many create at the same moment. */
  create(group: NewGroup): Promise<OwnedGroup>;
  /** Becomes the owner of a group that has none, or whose owner is dead. */
  take(id: string): Promise<OwnedGroup>;
  /** @throws SessionGroupsError `unknown_group`, or `ambiguous_group` for a prefix that fits several. */
  read(id: string): Promise<StoredGroup>;
  /** Newest first, without archived ones unless asked. Damaged entries are listed with what could be read of them. */
  list(options?: { readonly archived?: boolean }): Promise<readonly GroupMeta[]>;
  /**
   * Removes a group and all that is kept of it; gives its id.
   * @throws GroupOwnedError while a live process owns it; SessionGroupsError `unknown_group`, `ambiguous_group`.
   */
  remove(id: string): Promise<string>;
}

export interface NewGroup extends NewDefinition {
  readonly slug: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

export interface NewDefinition {
  readonly definition: SessionGroupDefinition;
  /** Where it comes from, absolute; the text as the user wrote it is kept beside the resolved definition. */
  readonly source?: { readonly file: string; readonly text?: string };
  /** Kept with the group; read back as `SessionGroup.files`. Default: none. */
  readonly files?: GroupFiles;
}

/** What a list shows without reading journals. */
export interface GroupMeta {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly description?: string;
  readonly status: GroupStatus;
  readonly reason?: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly totalCostUsd: number;
  /** The definition's file, absolute. */
  readonly sourceFile?: string;
  /** ISO 8601, UTC; kept out of lists since then. */
  readonly archivedAt?: string;
}

/** Who runs a group. */
export interface GroupOwner {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** Where it listens for control requests. */
  readonly address?: string;
  readonly alive: boolean;
}

export interface HistoryOptions {
  /** From the first event with this number on; what lies before is not parsed where that can be helped. Default: all. */
  readonly fromSeq?: number;
}

/** A group as a store keeps it, read without owning it. */
export interface StoredGroup {
  readonly group: SessionGroup;
  readonly meta: GroupMeta;
  /** The whole history up to the reading. A store that gives the fold may read it only when it is asked for. */
  readonly records: readonly JournalRecord[];
  /** What `records` come to, where the store keeps that; not to be changed. */
  readonly fold?: GroupFold;
  /** The same records one by one, in bounded memory. */
  history(options?: HistoryOptions): AsyncIterable<JournalRecord>;
  /** Absent when nobody runs it; `alive: false` when its owner died. */
  readonly owner?: GroupOwner;
  /** Folder of the group, where there is one. */
  readonly dir?: string;
}

export interface OwnedGroup {
  /** As it was when the group was taken. */
  readonly group: SessionGroup;
  /** The history up to the moment of ownership; empty for a new group. May be read only when it is asked for. */
  readonly records: readonly JournalRecord[];
  /** What those records come to, where the store keeps that; not to be changed. */
  readonly fold?: GroupFold;
  readonly journal: Journal;
  readonly dir?: string;
  /** Folder for a session's logs and generated files, made on first use; undefined where nothing is kept. */
  sessionDir(id: string): string | undefined;
  /** The journal as it is at the moment of the call, record by record, in bounded memory. */
  history(options?: HistoryOptions): AsyncIterable<JournalRecord>;
  /**
   * Keeps a definition under the revision that it returns; it holds once the owner has journalled `group_updated` with
   * that number (STORE-5). One that never is makes no difference.
   */
  redefine(revision: number, next: NewDefinition): SessionGroup;
  /** Best effort and atomic; the journal is the truth. */
  saveMeta(meta: GroupMeta): void;
  /** Makes the control address known to other processes. */
  announce(address: string): void;
  /** Gives ownership up; the journal is closed. */
  release(): Promise<void>;
}

/** Another live process runs the group. Exit code 5. */
export class GroupOwnedError extends SessionGroupsError {
  override readonly name = 'GroupOwnedError';
  readonly owner: GroupOwner;

  constructor(id: string, owner: GroupOwner) {
    super('owned_elsewhere', `${id} is run by process ${owner.pid} on ${owner.host}`, {
      hint: `follow it with: session-groups group watch ${id}`,
    });
    this.owner = owner;
  }
}
