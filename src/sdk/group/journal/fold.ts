import {
  type BudgetNews,
  type GroupReason,
  type GroupStatus,
  isLiveGroup,
  isSettled,
  isSettledGroup,
  type SettledStatus,
  type SkipReason,
} from '../../../../machines/vocabulary.ts';
import { timeOf } from '../../clock.ts';
import { toMicroUsd } from '../cost/ledger.ts';
import { applyToDelivery, type DeliveryFold, newDeliveryFold } from './delivery-fold.ts';
import {
  applyToSession,
  forgetConversation,
  newSessionFold,
  reopenSession,
  type SessionFold,
} from './fold-session.ts';
import { FORMAT } from './format.ts';
import { isTimed, type JournalRecord, type TimedRecord } from './records.ts';
import { messageKey } from './session-lists.ts';
import { applyToSuspensions, newSuspensionFold, type SuspensionFold } from './suspension-fold.ts';

/*
 * The state of a group according to its journal (I11), folded record by record. The live group, its history, its
 * progress, its snapshot and its `meta.json` are all derived from this one fold.
 *
 * FOLD-1 it is plain data that survives JSON (no Map except `sessions`, no Date or Infinity; undefined fields may be
 *    omitted), because the file store saves it as a snapshot. New fields are saved automatically; a changed meaning of
 *    a field needs a new FOLD_VERSION (pack-fold.ts).
 * FOLD-2 it depends on the journal only, not on a definition or clock, so it is valid for every definition and every
 *    reader. Durations are differences between the timestamps of events.
 */

/** A group's state, folded from its journal. */
export interface GroupFold extends DeliveryFold, SuspensionFold {
  /** The journal's format version, on which the meaning of a record may depend. */
  format: number;
  status: GroupStatus;
  reason: GroupReason | undefined;
  /** `seq` of the next event. */
  seq: number;
  /** The time of the latest event, in epoch milliseconds. */
  at: number | undefined;
  /** How long the group was live, up to the last event. */
  elapsedMs: number;
  /** The group is live, so the time up to the next event counts. */
  ticking: boolean;
  /** ISO 8601, UTC; undefined unless the group is archived. */
  archivedAt: string | undefined;
  /** Micro-dollars; undefined while the definition's limit applies. */
  limitMicroUsd: number | 'none' | undefined;
  /** Of the limit in force. */
  announced: BudgetNews;
  /** The revision of the definition in force; 0: as created. */
  revision: number;
  /** Sessions that have failed since the group was last resumed or retried. */
  failed: string[];
  /** Sessions that the last update added and that have not been announced yet. */
  unannounced: string[];
  /** Until when an account was closed last, by account; epoch milliseconds. */
  closedUntil: Readonly<Record<string, number>>;
  /** The messages that agents have, or that wait for them: their ids, and what they were (`messageKey`). */
  sent: (readonly [id: string, key: string])[];
  readonly sessions: Map<string, SessionFold>;
}

/** A group before its first record. @param format the version in its journal's header. */
export const newGroupFold = (format = FORMAT.version): GroupFold => ({
  format,
  status: 'created',
  reason: undefined,
  seq: 0,
  at: undefined,
  elapsedMs: 0,
  ticking: false,
  ...newSuspensionFold(),
  archivedAt: undefined,
  limitMicroUsd: undefined,
  announced: 'nothing',
  ...newDeliveryFold(),
  revision: 0,
  failed: [],
  unannounced: [],
  closedUntil: {},
  sent: [],
  sessions: new Map(),
});

/** @param fold the fold to continue, in place. Default: an empty one. */
export function foldJournal(records: Iterable<JournalRecord>, fold = newGroupFold()): GroupFold {
  for (const record of records) foldRecord(fold, record);
  return fold;
}

/** A copy that can be continued independently of a fold that isn't continued itself; it shares sessions until they change. */
export function copyFold(fold: GroupFold): GroupFold {
  const { failed, unannounced, sent, sessions } = fold;
  const lists = { failed: [...failed], unannounced: [...unannounced], sent: [...sent] };
  const copy = { ...fold, ...lists, sessions: new Map(sessions) };
  OWN_SESSIONS.set(copy, new Set());
  return copy;
}

/** Of a copy: the sessions that it doesn't share any more. */
const OWN_SESSIONS = new WeakMap<GroupFold, Set<string>>();

/** A session of the fold that may be changed; undefined if there is none. */
export function changeable(fold: GroupFold, id: string): SessionFold | undefined {
  const session = fold.sessions.get(id);
  const own = OWN_SESSIONS.get(fold);
  if (session === undefined || own === undefined || own.has(id)) return session;
  own.add(id);
  const copy = { ...session };
  fold.sessions.set(id, copy);
  return copy;
}

/** Applies one record; costs the same in a group of any size, except for a retry or an update. */
export function foldRecord(fold: GroupFold, record: JournalRecord): void {
  // The journal was upgraded before this record.
  if (fold.format < FORMAT.version) fold.format = Math.max(fold.format, FORMAT.versionOf(record));
  if (isTimed(record)) advance(fold, record);
  applyToDelivery(fold, record);
  applyToSuspensions(fold, record);
  applyToGroup(fold, record);
  if ('sessionId' in record && record.sessionId !== undefined) {
    applyToSession(sessionOf(fold, record.sessionId), record, fold.elapsedMs);
    if (record.type === 'session_failed') fold.failed.push(record.sessionId);
  }
}

/** The sessions that a record changes, each once, except those that it removes. */
export function sessionsOf(record: JournalRecord): readonly string[] {
  if (record.type === 'group_retried') return [...new Set(record.sessions)];
  return 'sessionId' in record && record.sessionId !== undefined ? [record.sessionId] : [];
}

/** The settled sessions, by id. */
export const settledIn = ({
  sessions,
}: GroupFold): Map<string, { outcome: SettledStatus; reason: SkipReason | undefined }> =>
  new Map(
    [...sessions].flatMap(([id, { status, skipReason }]) =>
      isSettled(status) ? [[id, { outcome: status, reason: skipReason }] as const] : [],
    ),
  );

/** Sessions in play that are not paused yet. */
export function stillInPlay({ sessions }: GroupFold): string[] {
  return [...sessions].filter(([, { status, inPlay }]) => inPlay && status !== 'paused').map(([id]) => id);
}

/** The limit that was set, in micro-dollars, Infinity for none; undefined while the definition's limit applies. */
export const limitIn = ({ limitMicroUsd }: GroupFold): number | undefined =>
  limitMicroUsd === 'none' ? Number.POSITIVE_INFINITY : limitMicroUsd;

function sessionOf(fold: GroupFold, id: string): SessionFold {
  const before = changeable(fold, id);
  if (before) return before;
  const session = newSessionFold();
  fold.sessions.set(id, session);
  OWN_SESSIONS.get(fold)?.add(id);
  return session;
}

function advance(fold: GroupFold, record: TimedRecord): void {
  const at = timeOf(record.time);
  const later = fold.at === undefined ? 0 : Math.max(0, at - fold.at); // a clock set back adds no time
  if (fold.ticking) fold.elapsedMs += later;
  fold.at = Math.max(at, fold.at ?? at);
  if ('seq' in record) fold.seq = record.seq + 1;
}

function enter(fold: GroupFold, status: GroupStatus, reason?: GroupReason): void {
  fold.status = status;
  fold.reason = reason;
  fold.ticking = isLiveGroup(status) && fold.suspendedAt === undefined;
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
      forgetResolved(fold, record.sessions);
      break;
    case 'group_paused':
    case 'group_pausing':
    case 'group_stopping':
    case 'group_stopped':
    case 'group_failed':
      enter(fold, STATUS_AFTER[record.type], record.reason);
      break;
    case 'group_completed':
      enter(fold, 'completed');
      break;
    case 'group_delivering':
      fold.archivedAt = undefined;
      enter(fold, 'delivering');
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
      limit(fold, record.limitUsd);
      break;
    case 'budget_warning':
      if (record.sessionId === undefined && fold.announced !== 'exceeded')
        fold.announced = record.certainUsd === undefined ? 'warning' : 'estimate';
      break;
    case 'budget_exceeded':
      if (record.sessionId === undefined) fold.announced = 'exceeded';
      break;
    case 'quota_limited': {
      const until = Date.parse(record.until);
      if (Number.isFinite(until)) fold.closedUntil = { ...fold.closedUntil, [record.account]: until };
      break;
    }
    case 'message_sent':
      fold.sent.push([record.messageId, messageKey(record.sessionId, record.text)]);
      break;
    case 'message_undelivered':
      fold.sent = fold.sent.filter(([id]) => id !== record.messageId);
      break;
    case '_taken_over': // the engine had died: time since the last event doesn't count
    case '_suspended':
    case '_continued':
      fold.ticking = record.type === '_continued' && isLiveGroup(fold.status);
      break;
    default:
      break;
  }
}

/** The group's status after each event. */
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
  forgetResolved(fold, removed);
  for (const id of fresh) {
    const session = changeable(fold, id);
    if (session) forgetConversation(session);
  }
  if (limitUsd !== undefined) limit(fold, limitUsd);
  // A settled group that gets new sessions pauses, or settles again once it is said that none of them can start (I5).
  if (added.length > 0 && isSettledGroup(fold.status)) enter(fold, 'pausing', 'manual');
}

/** A limit is announced anew. */
function limit(fold: GroupFold, usd: number | 'none'): void {
  fold.limitMicroUsd = microUsdOf(usd);
  fold.announced = 'nothing';
}

/** These have not settled any more: when they do, that is announced again. */
function forgetResolved(fold: GroupFold, ids: readonly string[]): void {
  const again = new Set(ids);
  for (const [id, { resolved }] of again.size > 0 ? fold.sessions : []) {
    if (!resolved.some(other => again.has(other))) continue;
    sessionOf(fold, id).resolved = resolved.filter(other => !again.has(other));
  }
}

const microUsdOf = (usd: number | 'none') => (usd === 'none' ? usd : toMicroUsd(usd));
