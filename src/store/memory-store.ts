import { SessionGroupsError } from '../sdk/group/errors.ts';
import { groupIdOf } from '../sdk/group/group-id.ts';
import {
  type GroupMeta,
  GroupOwnedError,
  type GroupStore,
  type NewGroup,
  type OwnedGroup,
  type StoredGroup,
} from '../sdk/group/store.ts';
import type { SessionGroup } from '../sdk/group/types.ts';
import { MemoryJournal } from './memory-journal.ts';

interface Entry {
  readonly group: SessionGroup;
  readonly journal: MemoryJournal;
  meta: GroupMeta;
  owned: boolean;
}

/** Ids given out by this process, over all of its memory stores. */
const taken = new Set<string>();

/** Keeps groups for as long as this process lives. */
export function createMemoryStore(): GroupStore {
  const entries = new Map<string, Entry>();
  const find = (id: string): Entry => {
    const entry = entries.get(id);
    if (!entry) throw new SessionGroupsError('unknown_group', `there is no group "${id}"`);
    return entry;
  };
  const own = (entry: Entry): OwnedGroup => {
    entry.owned = true;
    return {
      group: entry.group,
      records: [...entry.journal.records],
      journal: entry.journal,
      sessionDir: () => undefined,
      history: () => entry.journal.records,
      saveMeta: meta => {
        entry.meta = meta;
      },
      announce: () => {},
      release: async () => {
        entry.owned = false;
      },
    };
  };
  return {
    async create({ slug, createdAt, definition }: NewGroup) {
      const id = groupIdOf(slug, createdAt, candidate => taken.has(candidate));
      taken.add(id);
      const time = new Date(createdAt).toISOString();
      const group: SessionGroup = { id, slug, createdAt: time, definition };
      const entry: Entry = { group, journal: new MemoryJournal(), meta: firstMeta(group), owned: false };
      entries.set(id, entry);
      return own(entry);
    },
    async take(id) {
      const entry = find(id);
      if (entry.owned) {
        const since = entry.meta.updatedAt;
        throw new GroupOwnedError(id, { pid: process.pid, host: 'this process', since, alive: true });
      }
      return own(entry);
    },
    async read(id): Promise<StoredGroup> {
      const { group, meta, journal } = find(id);
      return { group, meta, records: [...journal.records] };
    },
    async list() {
      return [...entries.values()].map(entry => entry.meta).sort((a, b) => (a.id < b.id ? 1 : -1));
    },
  };
}

function firstMeta({ id, slug, createdAt, definition }: SessionGroup): GroupMeta {
  const { name, description, sessions } = definition;
  return {
    id,
    name,
    slug,
    ...(description === undefined ? {} : { description }),
    status: 'created',
    createdAt,
    updatedAt: createdAt,
    counts: { total: sessions.length, pending: sessions.length },
    totalCostUsd: 0,
  };
}
