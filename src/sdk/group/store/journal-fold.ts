import {
  applyRecord,
  type GroupSnapshot,
  newGroupSnapshot,
  newSessionSnapshot,
  type SessionSnapshot,
} from '../journal/fold.ts';
import type { JournalRecord } from '../journal/journal.ts';
import {
  foldProgress,
  newGroupTally,
  newProgressFold,
  newSessionTally,
  type ProgressFold,
  type SessionTally,
} from '../progress/progress-fold.ts';

/** All that somebody who goes on with a group, or only looks at it, needs of its journal. */
export interface JournalFold {
  readonly group: GroupSnapshot;
  readonly progress: ProgressFold;
}

/** Raise it when records are folded in another way than before: what was kept is then folded anew. */
export const FOLD_VERSION = 1;

export const newJournalFold = (): JournalFold => ({
  group: newGroupSnapshot(),
  progress: newProgressFold(),
});

/** Takes one record in; costs the same in a group of any size. */
export function foldRecord(fold: JournalFold, record: JournalRecord): void {
  applyRecord(fold.group, record);
  foldProgress(fold.progress, record);
}

/** @param fold goes on from there, in place. Default: from the first record. */
export function foldJournal(records: Iterable<JournalRecord>, fold = newJournalFold()): JournalFold {
  for (const record of records) foldRecord(fold, record);
  return fold;
}

/** The fold as plain data for JSON, with what it consists of: a program with other fields folds anew. */
export function packFold({ group, progress }: JournalFold): object {
  return {
    version: FOLD_VERSION,
    fields: FIELDS,
    group: { ...group, sessions: [...group.sessions] },
    progress: { ...progress, sessions: [...progress.sessions] },
  };
}

/** What was packed; undefined for what this program cannot have packed. */
export function unpackFold(packed: unknown): JournalFold | undefined {
  if (!isObject(packed) || packed.version !== FOLD_VERSION || packed.fields !== FIELDS) return undefined;
  const { group, progress } = packed;
  if (!isObject(group) || !isObject(progress)) return undefined;
  const snapshots = mapOf<SessionSnapshot>(group.sessions, newSessionSnapshot);
  const tallies = mapOf<SessionTally>(progress.sessions, newSessionTally);
  if (!snapshots || !tallies) return undefined;
  return {
    group: { ...newGroupSnapshot(), ...group, sessions: snapshots },
    progress: {
      group: { ...newGroupTally(), ...(isObject(progress.group) ? progress.group : {}) },
      lastTime: typeof progress.lastTime === 'string' ? progress.lastTime : undefined,
      sessions: tallies,
    },
  };
}

/** The names of all fields: one more or less, and what was kept is folded anew. */
const FIELDS = [
  newGroupSnapshot(),
  newSessionSnapshot(),
  newSessionSnapshot().ledger,
  newProgressFold(),
  newGroupTally(),
  newSessionTally(),
]
  .map(part => Object.keys(part).join(' '))
  .join(', ');

/** Fields that are undefined are not in JSON. */
function mapOf<T extends object>(entries: unknown, fresh: () => T): Map<string, T> | undefined {
  if (!Array.isArray(entries)) return undefined;
  const map = new Map<string, T>();
  for (const entry of entries as readonly unknown[]) {
    if (!Array.isArray(entry) || typeof entry[0] !== 'string' || !isObject(entry[1])) return undefined;
    map.set(entry[0], { ...fresh(), ...entry[1] });
  }
  return map;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
