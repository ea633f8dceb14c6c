import {
  type GroupStatus,
  isLiveGroup,
  isSettled,
  isSettledGroup,
  type SettledStatus,
  type SkipReason,
} from '../../../../machines/vocabulary.ts';
import { toMicroUsd } from '../cost/ledger.ts';
import type { GroupEvent } from './events.ts';
import {
  applyToSession,
  forgetConversation,
  newSessionFold,
  reopenSession,
  type SessionFold,
} from './fold-session.ts';
import { FORMAT } from './format.ts';
import { isEvent, type JournalRecord } from './records.ts';

/*
 * What a group's journal says of it (I11), folded record by record: the one fold that a live group, its history, its
 * progress, its snapshot and its `meta.json` are read from.
 *
 * FOLD-1 it is plain data: what is in a field comes back from JSON as it was (no Map but `sessions`, no Date or
 *    Infinity; a field that is undefined may be left out), for the file store keeps it as a snapshot. New fields are
 *    kept of themselves; a changed meaning of what is there needs a new FOLD_VERSION (pack-fold.ts).
 * FOLD-2 it is the journal's alone: no definition and no clock has a part in it, so that it holds whatever the
 *    definition becomes, and whoever folds it. Durations lie between the times of events.
 */

/** A group as its journal left it. */
export interface GroupFold {
  /** Version of the journal's format, in which the meaning of a record may depend on it. */
  format: number;
  status: GroupStatus;
  reason: string | undefined;
  /** The next event's number. */
  seq: number;
  /** Of the latest event, epoch milliseconds. */
  at: number | undefined;
  /** The time in which the group was live, up to the last event. */
  elapsedMs: number;
  /** The group is live, so that the time up to the next event counts. */
  ticking: boolean;
  /** ISO 8601, UTC; until the group runs again. */
  archivedAt: string | undefined;
  /** Micro-dollars; undefined while the definition's limit holds. */
  limitMicroUsd: number | 'none' | undefined;
  /** Of which revision the definition is that holds; 0: that of the creation. */
  revision: number;
  /** Sessions that have failed since the group was last resumed or retried. */
  failed: string[];
  /** Sessions that the last update added and that have not been announced. */
  unannounced: string[];
  /** The last update has opened a group that had ended, and that has not been announced. */
  reopened: boolean;
  readonly sessions: Map<string, SessionFold>;
}

/** A group before its first record. @param format as its journal's head says it. */
export const newGroupFold = (format = FORMAT.version): GroupFold => ({
  format,
  status: 'created',
  reason: undefined,
  seq: 0,
  at: undefined,
  elapsedMs: 0,
  ticking: false,
  archivedAt: undefined,
  limitMicroUsd: undefined,
  revision: 0,
  failed: [],
  unannounced: [],
  reopened: false,
  sessions: new Map(),
});

/** @param fold continues from there, in place. Default: from the first record. */
export function foldJournal(records: Iterable<JournalRecord>, fold = newGroupFold()): GroupFold {
  for (const record of records) foldRecord(fold, record);
  return fold;
}

/** One's own copy, to continue in. */
export const copyFold = (fold: GroupFold): GroupFold => ({
  ...fold,
  failed: [...fold.failed],
  unannounced: [...fold.unannounced],
  sessions: new Map([...fold.sessions].map(([id, session]) => [id, { ...session }])),
});

/** Takes in one record; costs the same in a group of any size. */
export function foldRecord(fold: GroupFold, record: JournalRecord): void {
  fold.format = Math.max(fold.format, FORMAT.versionOf(record)); // the journal was raised before it
  if (isEvent(record)) advance(fold, record);
  applyToGroup(fold, record);
  if ('sessionId' in record && record.sessionId !== undefined) {
    applyToSession(sessionOf(fold, record.sessionId), record, fold.elapsedMs);
    if (record.type === 'session_failed') fold.failed.push(record.sessionId);
  }
}

/** The sessions that a record changes, each once; those that it removes apart. */
export function sessionsOf(record: JournalRecord): readonly string[] {
  if (record.type === 'group_retried') return [...new Set(record.sessions)];
  return 'sessionId' in record && record.sessionId !== undefined ? [record.sessionId] : [];
}

/** What has settled, as a journal says. */
export const settledIn = ({
  sessions,
}: GroupFold): Map<string, { outcome: SettledStatus; reason: SkipReason | undefined }> =>
  new Map(
    [...sessions].flatMap(([id, { status, skipReason }]) =>
      isSettled(status) ? [[id, { outcome: status, reason: skipReason }] as const] : [],
    ),
  );

/** Sessions that a pause had still to end. */
export function stillInPlay({ sessions }: GroupFold): string[] {
  return [...sessions]
    .filter(([, { status, attempts }]) => attempts > 0 && !isSettled(status) && status !== 'paused')
    .map(([id]) => id);
}

/** The limit that was set, in micro-dollars, Infinity for none; undefined while the definition's holds. */
export const limitIn = ({ limitMicroUsd }: GroupFold): number | undefined =>
  limitMicroUsd === 'none' ? Number.POSITIVE_INFINITY : limitMicroUsd;

function sessionOf(fold: GroupFold, id: string): SessionFold {
  let session = fold.sessions.get(id);
  if (!session) {
    session = newSessionFold();
    fold.sessions.set(id, session);
  }
  return session;
}

function advance(fold: GroupFold, event: GroupEvent): void {
  const at = Date.parse(event.time);
  const later = fold.at === undefined ? 0 : Math.max(0, at - fold.at); // a clock that was set back stands still
  if (fold.ticking) fold.elapsedMs += later;
  fold.at = Math.max(at, fold.at ?? at);
  fold.seq = event.seq + 1;
}

function enter(fold: GroupFold, status: GroupStatus, reason?: string): void {
  fold.status = status;
  fold.reason = reason;
  fold.ticking = isLiveGroup(status);
}

function applyToGroup(fold: GroupFold, record: JournalRecord): void {
  switch (record.type) {
    case 'group_started':
      enter(fold, 'running');
      fold.archivedAt = undefined;
      break;
    case 'group_resumed':
      enter(fold, 'running');
      fold.archivedAt = undefined;
      fold.failed = [];
      break;
    case 'group_retried':
      if (fold.status !== 'paused') enter(fold, 'running');
      fold.archivedAt = undefined;
      fold.failed = [];
      for (const id of record.sessions) reopenSession(sessionOf(fold, id), record.fresh ?? false);
      break;
    case 'group_pausing':
    case 'group_paused':
    case 'group_stopping':
    case 'group_stopped':
    case 'group_failed':
      enter(fold, STATUS_AFTER[record.type], record.reason);
      fold.reopened = false;
      break;
    case 'group_completed':
      enter(fold, 'completed');
      break;
    case 'group_updated':
      update(fold, record);
      break;
    case 'group_archived':
      fold.archivedAt = record.time;
      break;
    case 'session_added':
      if (fold.unannounced[0] === record.sessionId) fold.unannounced.shift();
      break;
    case 'budget_changed':
      fold.limitMicroUsd = microUsdOf(record.limitUsd);
      break;
    case '_taken_over': // its engine had died: its time ended with the last event
      fold.ticking = false;
      break;
    default:
      break;
  }
}

/** The status that a group has from this event on. */
const STATUS_AFTER = {
  group_pausing: 'pausing',
  group_paused: 'paused',
  group_stopping: 'stopping',
  group_stopped: 'stopped',
  group_failed: 'failed',
} as const;

type Update = Extract<JournalRecord, { readonly type: 'group_updated' }>;

function update(fold: GroupFold, { revision, added, removed, fresh, limitUsd }: Update): void {
  fold.revision = revision;
  fold.unannounced = [...added];
  for (const id of removed) fold.sessions.delete(id);
  for (const id of fresh) {
    const session = fold.sessions.get(id);
    if (session) forgetConversation(session);
  }
  if (limitUsd !== undefined) fold.limitMicroUsd = microUsdOf(limitUsd);
  // A group that has ended and is given something to do waits for a resume (I5).
  if (added.length === 0 || !isSettledGroup(fold.status)) return;
  enter(fold, 'paused', 'manual');
  fold.reopened = true;
}

const microUsdOf = (usd: number | 'none') => (usd === 'none' ? usd : toMicroUsd(usd));
