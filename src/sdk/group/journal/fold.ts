import {
  type GroupStatus,
  SETTLED_STATUSES,
  type SessionError,
  type SessionStatus,
  type SettledStatus,
  type SkipReason,
} from '../../../../machines/vocabulary.ts';
import type { Baseline } from '../../project/working-tree.ts';
import { NO_TOKENS } from '../../session/usage.ts';
import { type SessionLedger, toMicroUsd } from '../cost/ledger.ts';
import { isEvent, type JournalRecord } from './journal.ts';
import { type KeptResult, keptBy } from './kept-result.ts';

/*
 * The state that a journal describes (I11), folded record by record.
 *
 * K1 it is plain data: what is in a field comes back from JSON as it was (no Map, Date or Infinity; a field that is
 *    undefined may be left out), for the file store keeps it as a snapshot. New fields are kept of themselves; a
 *    changed meaning of what is there needs a new FOLD_VERSION (journal-fold.ts).
 * K2 it is the journal's alone: no definition has a part in it, so that it holds whatever the definition becomes.
 */

/** A session as its journal left it. */
export interface SessionSnapshot {
  status: SessionStatus;
  skipReason: SkipReason | undefined;
  attempts: number;
  /** Attempts since the last retry of the group that ended in a retryable failure. */
  failures: number;
  conversation: string | undefined;
  conversationExists: boolean;
  held: boolean;
  /** What it left when it completed; an output that is in a file is not here. */
  left: KeptResult | undefined;
  /** What was wrong with the output that the conversation gave last. */
  invalidOutput: string | undefined;
  /** How the project was before the first attempt. */
  baseline: Baseline | undefined;
  error: SessionError | undefined;
  /** Of the configuration that was generated last, and of the one with which the conversation began. */
  configHash: string | undefined;
  conversationConfigHash: string | undefined;
  ledger: SessionLedger;
}

/** A group as its journal left it. */
export interface GroupSnapshot {
  status: GroupStatus;
  reason: string | undefined;
  /** The next event's number. */
  seq: number;
  /** Micro-dollars; undefined while the definition's limit holds. */
  limitMicroUsd: number | 'none' | undefined;
  /** Of which revision the definition is that holds; 0: that of the creation. */
  revision: number;
  /** Sessions that have failed since the group was last resumed or retried. */
  failed: string[];
  /** Sessions that the last update added and that have not been told of. */
  unannounced: string[];
  /** The last update has opened a group that had ended, and that has not been told of. */
  reopened: boolean;
  readonly sessions: Map<string, SessionSnapshot>;
}

const SETTLED: ReadonlySet<string> = new Set(SETTLED_STATUSES);

export const isSettled = (status: SessionStatus): status is SettledStatus => SETTLED.has(status);

/** Folds a group's journal into the state that it describes (I11). */
export function foldGroup(records: Iterable<JournalRecord>): GroupSnapshot {
  const group = newGroupSnapshot();
  for (const record of records) applyRecord(group, record);
  return group;
}

/** A group before its first record. */
export const newGroupSnapshot = (): GroupSnapshot => ({
  status: 'created',
  reason: undefined,
  seq: 0,
  limitMicroUsd: undefined,
  revision: 0,
  failed: [],
  unannounced: [],
  reopened: false,
  sessions: new Map(),
});

/** A session before its first record. */
export const newSessionSnapshot = (): SessionSnapshot => ({
  status: 'pending',
  skipReason: undefined,
  attempts: 0,
  failures: 0,
  conversation: undefined,
  conversationExists: false,
  held: false,
  left: undefined,
  invalidOutput: undefined,
  baseline: undefined,
  error: undefined,
  configHash: undefined,
  conversationConfigHash: undefined,
  ledger: { settled: 0, tokens: NO_TOKENS, conversation: 0, unreported: 0 },
});

/** Takes in one record; costs the same in a group of any size. */
export function applyRecord(group: GroupSnapshot, record: JournalRecord): void {
  if (isEvent(record)) group.seq = record.seq + 1;
  applyToGroup(group, record);
  if ('sessionId' in record && record.sessionId !== undefined) {
    applyToSession(sessionOf(group, record.sessionId), record);
    if (record.type === 'session_failed') group.failed.push(record.sessionId);
  }
}

function sessionOf(group: GroupSnapshot, id: string): SessionSnapshot {
  let session = group.sessions.get(id);
  if (!session) {
    session = newSessionSnapshot();
    group.sessions.set(id, session);
  }
  return session;
}

function applyToGroup(group: GroupSnapshot, record: JournalRecord): void {
  switch (record.type) {
    case 'group_started':
      group.status = 'running';
      group.reason = undefined;
      break;
    case 'group_resumed':
      group.status = 'running';
      group.reason = undefined;
      group.failed = [];
      break;
    case 'group_retried':
      if (group.status !== 'paused') group.status = 'running';
      group.failed = [];
      for (const id of record.sessions) reopen(sessionOf(group, id), record.fresh ?? false);
      break;
    case 'group_pausing':
    case 'group_paused':
    case 'group_stopping':
    case 'group_stopped':
    case 'group_failed':
      group.status = STATUS_AFTER[record.type];
      group.reason = record.reason;
      group.reopened = false;
      break;
    case 'group_updated':
      update(group, record);
      break;
    case 'session_added':
      if (group.unannounced[0] === record.sessionId) group.unannounced.shift();
      break;
    case 'group_completed':
      group.status = 'completed';
      group.reason = undefined;
      break;
    case 'budget_changed':
      group.limitMicroUsd = record.limitUsd === 'none' ? 'none' : toMicroUsd(record.limitUsd);
      break;
    default:
      break;
  }
}

type Update = Extract<JournalRecord, { readonly type: 'group_updated' }>;

function update(group: GroupSnapshot, { revision, added, removed, fresh, limitUsd }: Update): void {
  group.revision = revision;
  group.unannounced = [...added];
  for (const id of removed) group.sessions.delete(id);
  for (const id of fresh) {
    const session = group.sessions.get(id);
    if (session) forgetConversation(session);
  }
  if (limitUsd !== undefined) group.limitMicroUsd = limitUsd === 'none' ? 'none' : toMicroUsd(limitUsd);
  if (!reopens(group.status, added)) return;
  group.status = 'paused';
  group.reason = 'manual';
  group.reopened = true;
}

/** A group that has ended and is given something to do waits for a resume (I5). */
export const reopens = (status: GroupStatus, added: readonly string[]): boolean =>
  added.length > 0 && (status === 'completed' || status === 'failed' || status === 'stopped');

/** The status that a group has from this event on. */
export const STATUS_AFTER = {
  group_pausing: 'pausing',
  group_paused: 'paused',
  group_stopping: 'stopping',
  group_stopped: 'stopped',
  group_completed: 'completed',
  group_failed: 'failed',
} as const;

function reopen(session: SessionSnapshot, fresh: boolean): void {
  session.status = 'pending';
  session.skipReason = undefined;
  session.error = undefined;
  session.failures = 0;
  if (fresh) forgetConversation(session);
}

function forgetConversation(session: SessionSnapshot): void {
  session.conversation = undefined;
  session.conversationExists = false;
}

function applyToSession(session: SessionSnapshot, record: JournalRecord): void {
  switch (record.type) {
    case '_status':
      session.status = record.status;
      break;
    case '_conversation':
      session.conversationExists = true;
      break;
    case '_held':
      session.held = record.held;
      break;
    case '_ledger': {
      const { settled, tokens, conversation, unreported } = record;
      session.ledger = { settled, tokens, conversation, unreported };
      break;
    }
    case '_baseline':
      session.baseline = { folder: record.folder, tree: record.tree };
      break;
    case '_invalid_output':
      session.invalidOutput = record.message;
      break;
    case 'config_generated':
      session.configHash = record.hash;
      break;
    case 'session_started':
      session.conversationConfigHash = session.configHash;
      session.conversationExists = false;
      session.invalidOutput = undefined;
      session.ledger.conversation = 0;
      session.ledger.unreported = 0;
      begin(session, record.attempt, record.agentSessionId);
      break;
    case 'session_resumed':
      begin(session, record.attempt, record.agentSessionId);
      break;
    case 'session_progress': {
      const seen = toMicroUsd(record.costUsd);
      session.ledger.unreported += Math.max(0, seen - session.ledger.settled);
      session.ledger.settled = seen;
      session.ledger.tokens = record.tokens;
      break;
    }
    case 'session_retrying':
      session.status = 'retrying';
      session.failures++;
      session.error = record.error;
      break;
    case 'quota_limited':
      session.status = 'quota_wait';
      break;
    case 'approval_requested':
      session.status = 'awaiting_approval';
      break;
    case 'approval_answered':
      session.status = 'running';
      break;
    case 'session_paused':
      session.status = 'paused';
      break;
    case 'session_completed':
      session.status = 'completed';
      session.invalidOutput = undefined;
      session.left = keptBy(record);
      break;
    case 'session_failed':
      session.status = 'failed';
      session.error = record.error;
      break;
    case 'session_stopped':
      session.status = 'stopped';
      break;
    case 'session_skipped':
      session.status = 'skipped';
      session.skipReason = record.reason;
      break;
    default:
      break;
  }
}

function begin(session: SessionSnapshot, attempt: number, conversation: string): void {
  session.status = 'running';
  session.attempts = attempt;
  session.conversation = conversation;
}
