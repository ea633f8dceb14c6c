import type { GroupReason, GroupStatus } from '../../../../machines/vocabulary.ts';
import { SessionGroupsError } from '../../errors.ts';
import { TAKE_OVER_RISK, UNCHECKED } from '../../take-over-words.ts';
import type { GroupFiles } from '../document/group-files.ts';
import type { GroupFold } from '../journal/fold.ts';
import type { Journal } from '../journal/journal.ts';
import type { JournalRecord } from '../journal/records.ts';
import type { SavedExecutor, SessionGroup, SessionGroupDefinition } from '../types.ts';

/**
 * Where groups are saved. The file and the memory implementation pass the same conformance suite.
 *
 * STORE-1 one owner per group: `create` and `take` return ownership, or throw a GroupOwnedError that names the
 *    owner.
 * STORE-2 reading needs no ownership and changes nothing.
 * STORE-3 what an owner appended is read back, in order. The next owner repairs a torn last line; any other damage is
 *    an error that names the line, and nothing is overwritten.
 * STORE-4 removal is atomic, and refused while another process owns the group; a damaged group can be removed too.
 * STORE-5 a new definition is in force as soon as the journal contains the `group_updated` with its revision. A reader
 *    always gets a definition that matches the records, even after a crash in between.
 */
export interface GroupStore {
  /** Creates a group under a unique id, even when several processes create groups at the same time. */
  create(group: NewGroup): Promise<OwnedGroup>;
  /** Takes ownership of a group that has no owner, or whose owner is dead. */
  take(id: string, options?: TakeOptions): Promise<OwnedGroup>;
  /** @throws SessionGroupsError `unknown_group`, or `ambiguous_group` for a prefix that matches several. */
  read(id: string): Promise<StoredGroup>;
  /**
   * Newest first, without archived groups by default. Damaged entries are listed with what is readable.
   * With `limit`, the newest so many are enough: a store need not read the others, but may give them too. Default: all.
   */
  list(options?: { readonly archived?: boolean; readonly limit?: number }): Promise<readonly GroupMeta[]>;
  /**
   * Removes a group and all its data; returns its id.
   *
   * @param before called once nobody else can own the group, while all of it is still there; if it rejects, the group
   * stays.
   * @throws GroupOwnedError while a live process owns it; SessionGroupsError `unknown_group`, `ambiguous_group`.
   */
  remove(id: string, options?: TakeOptions, before?: () => Promise<unknown>): Promise<string>;
}

/** How to take a group whose owner may be alive. */
export interface TakeOptions {
  /**
   * Take it also from an owner that can't be checked from here (`GroupOwner.unchecked`), or whose lock can't be read
   * (`StoredGroup.ownerUnreadable`). Only if that process has ended: if it lives, both run the group. Default: false.
   */
  readonly takeOver?: boolean;
}

/** What a store is given to create a group. */
export interface NewGroup extends NewDefinition {
  readonly slug: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Stored with the group; read back as `SessionGroup.rehearsal`. Default: it is none. */
  readonly rehearsal?: true;
  /** Stored with the group; read back as `SessionGroup.executor`. Default: it names none. */
  readonly executor?: SavedExecutor;
}

/** A definition as it is to be stored: what a group is created with, or gets by an update. */
export interface NewDefinition {
  readonly definition: SessionGroupDefinition;
  /** The definition file (absolute path) and its text as written, which is stored beside the resolved definition. */
  readonly source?: { readonly file: string; readonly text?: string };
  /** Stored with the group; read back as `SessionGroup.files`. Default: none. */
  readonly files?: GroupFiles;
  /** The definition has just passed the schema: a store need not check it again when it reads it. Default: false. */
  readonly checked?: boolean;
}

/** The number of a group's sessions, and of those in each state. */
export type GroupCounts = { readonly [K in (typeof GROUP_COUNTS)[number]]?: number };

export const GROUP_COUNTS = [
  'total',
  'pending',
  'running',
  'waiting',
  'paused',
  'completed',
  'failed',
  'skipped',
  'stopped',
] as const;

/** The summary that lists show without reading journals. */
export interface GroupMeta {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly description?: string;
  readonly status: GroupStatus;
  /** Why it is paused, stopped or has failed; `meta_damaged`: its `meta.json` could not be read completely. */
  readonly reason?: GroupReason | 'meta_damaged';
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** How many sessions there are in each state; absent where that is not known. */
  readonly counts: GroupCounts;
  readonly totalCostUsd: number;
  /** Scripted agents stand in for the real ones: what they claim to have spent is not money. Absent otherwise. */
  readonly rehearsal?: true;
  /** Where its sessions are carried out, if that is not here. */
  readonly executor?: SavedExecutor;
  /** As in `GroupResult`. Absent in what earlier releases have saved. */
  readonly toDeliver?: true;
  /** Absolute path of the definition file. */
  readonly sourceFile?: string;
  /** ISO 8601, UTC; absent unless archived. */
  readonly archivedAt?: string;
  /** Why this user can't read the group, and the way out; absent if it can be read, or is damaged. Never stored. */
  readonly unreadable?: string;
}

/** The process that runs a group. */
export interface GroupOwner {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** The address of its control socket. */
  readonly address?: string;
  /** False only if it is known to be dead. */
  readonly alive: boolean;
  /** It belongs to another machine or container, so that it can't be known here whether it is alive. */
  readonly unchecked?: true;
  /** It is stopped, by Ctrl-Z or another such signal: nothing of the group goes on until it is continued (SIGCONT). */
  readonly suspended?: true;
}

/** Which part of a group's history to read. */
export interface HistoryOptions {
  /** Start at the event with this `seq`; earlier records are skipped without parsing if possible. Default: all. */
  readonly fromSeq?: number;
}

/** A saved group, read without owning it. */
export interface StoredGroup {
  readonly group: SessionGroup;
  readonly meta: GroupMeta;
  /** The history at the time of reading. A store that provides the fold may load it lazily. */
  readonly records: readonly JournalRecord[];
  /** The fold of `records`, if the store keeps one; read-only. */
  readonly fold?: GroupFold;
  /** The same records, one at a time in bounded memory. */
  history(options?: HistoryOptions): AsyncIterable<JournalRecord>;
  /** Absent if the group isn't running; `alive: false` if its owner died. */
  readonly owner?: GroupOwner;
  /** Why it is not known who owns it, if anybody does: its lock is damaged. The message of `owner_unreadable`. */
  readonly ownerUnreadable?: string;
  /** The group's folder, if it has one. */
  readonly dir?: string;
}

/** A group that this process owns: what it was, its journal, and what can be done with it until it is released. */
export interface OwnedGroup {
  /** The group as it was when ownership was taken. */
  readonly group: SessionGroup;
  /** The history when ownership was taken; empty for a new group. May be loaded lazily. */
  readonly records: readonly JournalRecord[];
  /** The fold of those records, if the store keeps one; read-only. */
  readonly fold?: GroupFold;
  readonly journal: Journal;
  readonly dir?: string;
  /**
   * Folder for a session's logs and generated files on this machine, created on first use; undefined if nothing is kept on
   * disk. Answers at once.
   */
  sessionDir(id: string): string | undefined;
  /** The journal at the time of the call, one record at a time in bounded memory. */
  history(options?: HistoryOptions): AsyncIterable<JournalRecord>;
  /**
   * Stores a definition under this revision. It is in force once the owner has journalled `group_updated` with the same
   * revision; until then it has no effect.
   */
  redefine(revision: number, next: NewDefinition): SessionGroup | Promise<SessionGroup>;
  /** Best effort and atomic; the journal is the truth. Not called again before its promise is settled, if there is one. */
  saveMeta(meta: GroupMeta): void | Promise<void>;
  /** Publishes the address of the control socket to other processes; best effort, too. */
  announce(address: string): void | Promise<void>;
  /** Releases ownership and closes the journal. */
  release(): Promise<void>;
}

/** Another live process runs the group. Exit code 5. */
export class GroupOwnedError extends SessionGroupsError {
  override readonly name = 'GroupOwnedError';
  readonly owner: GroupOwner;

  constructor(id: string, owner: GroupOwner) {
    super('owned_elsewhere', `${id} is run by process ${owner.pid} on ${owner.host}`, {
      hint: owner.unchecked ? uncheckedHint(owner) : `Follow it with: session-groups group watch ${id}`,
    });
    this.owner = owner;
  }
}

const uncheckedHint = ({ host }: GroupOwner): string =>
  `Manage it on ${host}. ${UNCHECKED} If you are sure that it has ended, repeat the command with --take-over (HTTP: takeOver); ${TAKE_OVER_RISK}.`;
