import { hostname } from 'node:os';
import { type Clock, isoTime, systemClock } from '../../clock.ts';
import { SessionGroupsError } from '../../errors.ts';
import { given } from '../../given.ts';
import type { Journal } from '../journal/journal.ts';
import { isEvent, type JournalRecord } from '../journal/records.ts';
import type { SessionGroup } from '../types.ts';
import { findGroup } from './find-group.ts';
import { groupIdOf } from './group-id.ts';
import { listedGroups, newGroupMeta } from './group-meta.ts';
import { JournalError } from './journal-errors.ts';
import {
  type GroupMeta,
  GroupOwnedError,
  type GroupOwner,
  type GroupStore,
  type HistoryOptions,
  type OwnedGroup,
} from './store.ts';

/** A store that keeps groups in memory, for tests. */
export interface MemoryStore extends GroupStore {
  /** Simulates the death of the group's owner: it can't write any more, and the group can be taken over. */
  crash(id: string): void;
}

interface Entry {
  /** As created. */
  readonly group: SessionGroup;
  readonly revisions: Map<number, SessionGroup>;
  readonly records: JournalRecord[];
  meta: GroupMeta;
  owner: GroupOwner | undefined;
}

/** Ids used by this process, across all its memory stores. */
const usedIds = new Set<string>();

/** Keeps groups for as long as this process lives. */
export function createMemoryStore({ clock = systemClock }: { readonly clock?: Clock } = {}): MemoryStore {
  const entries = new Map<string, Entry>();
  const find = (word: string): Entry => {
    const id = findGroup(word, [...entries.keys()], candidate => entries.get(candidate)?.group.slug ?? '');
    const entry = entries.get(id);
    if (!entry) throw new SessionGroupsError('unknown_group', `there is no group ${id}`);
    return entry;
  };
  const own = (entry: Entry): OwnedGroup => {
    if (entry.owner?.alive) throw new GroupOwnedError(entry.group.id, entry.owner);
    entry.owner = { pid: process.pid, host: hostname(), since: isoTime(clock), alive: true };
    return ownedGroup(entry);
  };

  return {
    async create({ slug, createdAt, definition, source, files, rehearsal, executor }) {
      const id = groupIdOf(slug, createdAt, candidate => usedIds.has(candidate));
      usedIds.add(id);
      const time = new Date(createdAt).toISOString();
      const more = { sourceFile: source?.file, files, rehearsal, executor };
      const group = given({ id, slug, createdAt: time, definition, ...more });
      const entry: Entry = {
        group,
        revisions: new Map(),
        records: [],
        meta: newGroupMeta(group),
        owner: undefined,
      };
      entries.set(id, entry);
      return own(entry);
    },
    take: async word => own(find(word)),
    async read(word) {
      const entry = find(word);
      const { records, meta, owner } = entry;
      return {
        ...given({ group: currentGroup(entry), meta, records: [...records], owner }),
        history: historyOf(entry, records.length),
      };
    },
    list: async asked =>
      listedGroups(
        [...entries.values()].map(entry => entry.meta),
        asked,
      ),
    async remove(word, _options, before) {
      const entry = find(word);
      const owned = own(entry);
      try {
        await before?.();
        entries.delete(entry.group.id);
      } finally {
        await owned.release();
      }
      return entry.group.id;
    },
    crash(word) {
      const entry = find(word);
      if (entry.owner) entry.owner = { ...entry.owner, alive: false };
    },
  };
}

const historyOf = ({ records }: Entry, count: number) =>
  async function* ({ fromSeq = 0 }: HistoryOptions = {}): AsyncGenerator<JournalRecord, void, void> {
    const first = records.findIndex(record => isEvent(record) && record.seq >= fromSeq);
    const begin = fromSeq === 0 ? 0 : first === -1 ? count : first;
    for (let at = begin; at < count; at++) {
      const record = records[at];
      if (record) yield record;
    }
  };

/** STORE-5: the journal determines which definition is in force. */
const currentGroup = ({ group, revisions, records }: Entry): SessionGroup =>
  revisions.get(revisionOf(records)) ?? group;

function ownedGroup(entry: Entry): OwnedGroup {
  /** Our ownership; the entry has another owner after a crash, or once another owner has taken the group. */
  let current = entry.owner;
  const isOurs = (): boolean => current !== undefined && entry.owner === current;
  const journal: Journal = {
    append(record) {
      if (!isOurs()) throw new JournalError('journal_closed', entry.group.id);
      entry.records.push(record);
    },
    synced: async () => {},
    close: async () => {},
  };
  return {
    group: currentGroup(entry),
    records: [...entry.records],
    journal,
    sessionDir: () => undefined,
    history: options => historyOf(entry, entry.records.length)(options),
    redefine(revision, { definition, files, source }) {
      if (!isOurs()) throw new JournalError('journal_closed', entry.group.id);
      const { id, slug, createdAt, rehearsal, executor } = entry.group;
      const more = { sourceFile: source?.file, files, revision, rehearsal, executor };
      const group = given({ id, slug, createdAt, definition, ...more });
      entry.revisions.set(revision, group);
      return group;
    },
    saveMeta: meta => {
      if (isOurs()) entry.meta = meta;
    },
    announce: address => {
      if (!isOurs() || current === undefined) return;
      current = { ...current, address };
      entry.owner = current;
    },
    release: async () => {
      if (isOurs()) entry.owner = undefined;
      current = undefined;
    },
  };
}

/** The revision of the definition in force after these records; 0: as created. */
function revisionOf(records: readonly JournalRecord[]): number {
  const last = records.findLast(record => record.type === 'group_updated');
  return last?.type === 'group_updated' ? last.revision : 0;
}
