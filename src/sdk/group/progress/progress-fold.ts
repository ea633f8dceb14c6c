import {
  type GroupStatus,
  isLiveStatus,
  type SessionError,
  type SessionStatus,
  type SettledStatus,
  type SkipReason,
} from '../../../../machines/vocabulary.ts';
import { NO_TOKENS, type Tokens } from '../../session/usage.ts';
import { toMicroUsd } from '../cost/ledger.ts';
import { reopens, STATUS_AFTER } from '../journal/fold.ts';
import { isEvent, type JournalRecord } from '../journal/journal.ts';

/*
 * What the records of a group say of its progress, one by one: the same for a live group, whose durations are read
 * from its clock, and for a history, whose durations lie between the times of its events. Plain data of the journal
 * alone (K1 and K2 of fold.ts); what needs the definition is added by the ProgressAggregator.
 */

/** A session's progress so far. */
export interface SessionTally {
  status: SessionStatus;
  skipReason: SkipReason | undefined;
  error: SessionError | undefined;
  costUsd: number;
  costMicroUsd: number;
  estimated: boolean;
  tokens: Tokens;
  attempts: number;
  messageCount: number;
  /** Epoch milliseconds of the first attempt. */
  startedAt: number | undefined;
  /** The group's elapsed time then: durations stand still while the group is at rest, or has no engine. */
  since: number | undefined;
  /** From the first attempt until it settled. */
  durationMs: number | undefined;
  /** Tools that are running, `[use, name]`; the last started is the current one. */
  tools: (readonly [string, string])[];
  /** All that its runs took until they settled, and how many those were. */
  settledMs: number;
  settledRuns: number;
}

/** A group's progress so far, without its sessions. */
export interface GroupTally {
  status: GroupStatus;
  /** ISO 8601, UTC; until the group runs again. */
  archivedAt: string | undefined;
  /** On the clock of durations, while it is live. */
  since: number | undefined;
  /** Of the times before, in which it was live. */
  elapsedMs: number;
}

/** The progress that a history describes. */
export interface ProgressFold {
  readonly group: GroupTally;
  /** Time of its last event, ISO 8601, UTC. */
  lastTime: string | undefined;
  readonly sessions: Map<string, SessionTally>;
}

export const newGroupTally = (): GroupTally => ({
  status: 'created',
  archivedAt: undefined,
  since: undefined,
  elapsedMs: 0,
});

export const newSessionTally = (): SessionTally => ({
  status: 'pending',
  skipReason: undefined,
  error: undefined,
  costUsd: 0,
  costMicroUsd: 0,
  estimated: false,
  tokens: NO_TOKENS,
  attempts: 0,
  messageCount: 0,
  startedAt: undefined,
  since: undefined,
  durationMs: undefined,
  tools: [],
  settledMs: 0,
  settledRuns: 0,
});

export const newProgressFold = (): ProgressFold => ({
  group: newGroupTally(),
  lastTime: undefined,
  sessions: new Map(),
});

/** Takes one record of a history in; costs the same in a group of any size. */
export function foldProgress(fold: ProgressFold, record: JournalRecord): void {
  if (isEvent(record)) fold.lastTime = record.time;
  const now = () => Date.parse(fold.lastTime ?? '');
  tallyGroup(fold.group, record, now);
  if (record.type === 'group_updated') for (const id of record.removed) fold.sessions.delete(id);
  for (const id of sessionsOf(record)) {
    let session = fold.sessions.get(id);
    if (!session) {
      session = newSessionTally();
      fold.sessions.set(id, session);
    }
    tallySession(session, record, () => elapsedMs(fold.group, now));
  }
}

/** The sessions that a record is about. */
export function sessionsOf(record: JournalRecord): readonly string[] {
  if (record.type === 'group_retried') return record.sessions;
  return 'sessionId' in record && record.sessionId !== undefined ? [record.sessionId] : [];
}

/** @param now milliseconds on the clock of durations. */
export function tallyGroup(group: GroupTally, record: JournalRecord, now: () => number): void {
  switch (record.type) {
    case 'group_started':
    case 'group_resumed':
    case 'group_retried':
      group.archivedAt = undefined;
      if (record.type !== 'group_retried' || group.status !== 'paused') enter(group, 'running', now);
      break;
    case 'group_pausing':
    case 'group_paused':
    case 'group_stopping':
    case 'group_stopped':
    case 'group_completed':
    case 'group_failed':
      enter(group, STATUS_AFTER[record.type], now);
      break;
    case 'group_updated':
      if (reopens(group.status, record.added)) enter(group, 'paused', now);
      break;
    case 'group_archived':
      group.archivedAt = record.time;
      break;
    case '_taken_over': // its engine had died: its time ended with the last event
      stop(group, now);
      break;
    default:
      break;
  }
}

/** The time in which the group was live. @param now milliseconds on the clock of durations. */
export function elapsedMs(group: GroupTally, now: () => number): number {
  return group.elapsedMs + (group.since === undefined ? 0 : now() - group.since);
}

function enter(group: GroupTally, status: GroupStatus, now: () => number): void {
  const live = isLiveStatus(status);
  if (live) group.since ??= now();
  else stop(group, now);
  group.status = status;
}

function stop(group: GroupTally, now: () => number): void {
  group.elapsedMs = elapsedMs(group, now);
  group.since = undefined;
}

/** Takes in a record that is about this session. @param now the group's elapsed time. */
export function tallySession(session: SessionTally, record: JournalRecord, now: () => number): void {
  switch (record.type) {
    case '_status':
      session.status = record.status;
      break;
    case 'group_retried':
      session.status = 'pending';
      session.error = undefined;
      session.skipReason = undefined;
      session.durationMs = undefined;
      break;
    case 'session_started':
    case 'session_resumed':
      session.status = 'running';
      session.attempts = record.attempt;
      session.since ??= now();
      session.startedAt ??= Date.parse(record.time);
      break;
    case 'session_progress':
      spend(session, record.costUsd);
      session.tokens = record.tokens;
      session.estimated = record.estimated;
      break;
    case 'session_message':
      session.messageCount++;
      break;
    case 'tool_started':
      session.tools = [...without(session.tools, record.toolUseId), [record.toolUseId, record.tool]];
      break;
    case 'tool_finished':
      session.tools = without(session.tools, record.toolUseId);
      break;
    case 'session_completed':
      spend(session, record.costUsd);
      session.tokens = record.tokens;
      settle(session, 'completed', now);
      break;
    case 'session_failed':
      spend(session, record.costUsd);
      session.error = record.error;
      settle(session, 'failed', now);
      break;
    case 'session_stopped':
      spend(session, record.costUsd);
      settle(session, 'stopped', now);
      break;
    case 'session_skipped':
      session.skipReason = record.reason;
      settle(session, 'skipped', now);
      break;
    default:
      break;
  }
}

function spend(session: SessionTally, costUsd: number): void {
  session.costUsd = costUsd;
  session.costMicroUsd = toMicroUsd(costUsd);
}

function settle(session: SessionTally, status: SettledStatus, now: () => number): void {
  session.tools = [];
  session.status = status;
  if (session.since === undefined) return;
  session.durationMs = now() - session.since;
  session.settledMs += session.durationMs;
  session.settledRuns++;
}

const without = (tools: SessionTally['tools'], use: string): SessionTally['tools'] =>
  tools.filter(([id]) => id !== use);
