import type { PendingStep } from '../../../../machines/contract.ts';
import {
  type Corrections,
  isRetryable,
  NO_CORRECTIONS,
  type SessionError,
  type SessionStatus,
  type SkipReason,
} from '../../../../machines/vocabulary.ts';
import { finiteTime, timeOf } from '../../clock.ts';
import type { Baseline } from '../../project/working-tree.ts';
import { toMicroUsd } from '../cost/ledger.ts';
import {
  inNewConversation,
  isEstimated,
  NO_SPEND,
  type SessionLedger,
  soundLedger,
} from '../cost/session-ledger.ts';
import { ledgerOfShown } from '../cost/shown-spend.ts';
import type { JournalRecord } from './records.ts';
import { applyToRemote, type RemoteFold } from './session/remote-fold.ts';
import { SETTLED_AFTER, type SessionEnd } from './session/session-end.ts';
import { type ShownRequest, withoutInput } from './session/shown-request.ts';
import { applyToSteps } from './session/step-fold.ts';
import { applyToTree, staleTree, type TreeFold } from './session/tree-fold.ts';
import {
  messagesAfter,
  NO_MESSAGES,
  NO_TOOLS,
  type RunningTool,
  toolsAfter,
  withAnother,
} from './session-lists.ts';
import { resultIn } from './session-result.ts';
import type { StoredResult } from './stored-result.ts';

/** A session's state, folded from its records; see fold.ts. Lists and objects in it are replaced, but for `withAnother`. */
export interface SessionFold {
  status: SessionStatus;
  skipReason: SkipReason | undefined;
  /** The error of its last failure, also if that was retried. */
  error: SessionError | undefined;
  attempts: number;
  /** Its chart has begun, and it has not settled since. */
  inPlay: boolean;
  /** Until it starts: which of its dependencies have been announced as resolved. */
  resolved: readonly string[];
  /** Attempts that ended in a retryable failure since the group's last retry. */
  failures: number;
  /** Its conversation's agent was asked to go on after it was done without a word. */
  askedToGoOn: boolean;
  /** How many attempts in a row were lost with their workers. */
  losses: number;
  /** Its last attempt, if that is carried out elsewhere. */
  remote: RemoteFold | undefined;
  /** The place elsewhere that has its conversation, where that is known. */
  place: string | undefined;
  conversation: string | undefined;
  conversationExists: boolean;
  held: boolean;
  /** Who holds it, where that is known. */
  heldBy: string | undefined;
  /** What people have sent, and its agent has not taken; oldest first. */
  messages: typeof NO_MESSAGES;
  /** When its last wait for a retry or a usage limit ends, in epoch milliseconds. */
  waitsUntil: number | undefined;
  /** The permission request that was shown last; it is open while the session awaits an approval. */
  request: ShownRequest | undefined;
  /** Its result, once completed; an output stored in a file is not included. */
  left: StoredResult | undefined;
  /** What was wrong with the conversation's last output. */
  invalidOutput: string | undefined;
  /** The state of the project before the first attempt. */
  baseline: Baseline | undefined;
  /** The hash of the configuration generated last, and of the one with which the conversation began. */
  configHash: string | undefined;
  conversationConfigHash: string | undefined;
  /** Its own tree, if it has one. */
  tree: TreeFold;
  /** Its agent is done, and this is the step that is left. */
  step: PendingStep | undefined;
  /** How often its conversation was told of something to correct. */
  corrected: Corrections;
  ledger: Readonly<SessionLedger>;
  /** Part of the cost is estimated from usage. */
  estimated: boolean;
  messageCount: number;
  /** How often a person went on with its conversation. Default: 0. */
  opened?: number;
  /** The attempt's running tools; the last one started is the current one. */
  tools: readonly RunningTool[];
  /** Epoch milliseconds of the first attempt. */
  startedAt: number | undefined;
  /** The group's `elapsedMs` at that time. Durations don't grow while the group is at rest or has no engine. */
  since: number | undefined;
  /** From its first attempt until it settled. */
  durationMs: number | undefined;
  /** The total duration and number of its settled runs. */
  settledMs: number;
  settledRuns: number;
}

/** What the session's chart continues with. */
export type SessionHistory = Pick<
  SessionFold,
  'attempts' | 'failures' | 'askedToGoOn' | 'losses' | 'step' | 'corrected'
>;

/** A session before its first record. */
export const newSessionFold = (): SessionFold => ({
  status: 'pending',
  skipReason: undefined,
  error: undefined,
  attempts: 0,
  inPlay: false,
  resolved: [],
  failures: 0,
  askedToGoOn: false,
  losses: 0,
  place: undefined,
  remote: undefined,
  conversation: undefined,
  conversationExists: false,
  held: false,
  heldBy: undefined,
  messages: NO_MESSAGES,
  waitsUntil: undefined,
  request: undefined,
  left: undefined,
  invalidOutput: undefined,
  baseline: undefined,
  configHash: undefined,
  conversationConfigHash: undefined,
  tree: {},
  step: undefined,
  corrected: NO_CORRECTIONS,
  ledger: NO_SPEND,
  estimated: false,
  messageCount: 0,
  tools: NO_TOOLS,
  startedAt: undefined,
  since: undefined,
  durationMs: undefined,
  settledMs: 0,
  settledRuns: 0,
});

/** Applies a retry of the group. */
export function reopenSession(session: SessionFold, fresh: boolean): void {
  session.status = 'pending';
  session.skipReason = undefined;
  session.resolved = [];
  session.error = undefined;
  session.failures = 0;
  session.askedToGoOn = false;
  session.losses = 0;
  session.step = undefined;
  session.corrected = NO_CORRECTIONS;
  session.durationMs = undefined;
  if (!fresh) return;
  forgetConversation(session);
  session.tree = staleTree(session.tree);
}

export function forgetConversation(session: SessionFold): void {
  session.conversation = undefined;
  session.conversationExists = false;
}

/** Applies a record of this session. @param elapsedMs the group's. */
export function applyToSession(session: SessionFold, record: JournalRecord, elapsedMs: number): void {
  session.tree = applyToTree(session.tree, record);
  applyToSteps(session, record);
  session.tools = toolsAfter(session.tools, record);
  session.messages = messagesAfter(session.messages, record);
  applyToRemote(session, record);
  switch (record.type) {
    case '_status':
      session.status = record.status;
      session.inPlay = true;
      break;
    case '_conversation':
      session.conversationExists = true;
      break;
    case '_held':
      session.held = record.held;
      session.heldBy = record.by;
      break;
    case '_ledger':
      session.ledger = soundLedger(record, session.ledger);
      session.estimated = isEstimated(session.ledger);
      break;
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
      session.askedToGoOn = false;
      session.invalidOutput = undefined;
      session.ledger = inNewConversation(session.ledger);
      begin(session, record, elapsedMs);
      break;
    case 'session_resumed':
      begin(session, record, elapsedMs);
      break;
    case 'session_progress':
      session.ledger = ledgerOfShown(record, session.ledger);
      session.estimated = record.estimated;
      break;
    case 'dependency_resolved':
      session.resolved = withAnother(session, session.resolved, record.dependency);
      break;
    case 'session_opened':
      session.opened = (session.opened ?? 0) + 1;
      session.ledger = { ...session.ledger, byHand: true };
      break;
    case 'session_message':
      session.messageCount++;
      break;
    case 'session_retrying':
      session.status = 'retrying';
      session.waitsUntil = Date.parse(record.time) + record.delayMs;
      if (record.error.code === 'empty_result') session.askedToGoOn = true;
      if (isRetryable(record.error.code)) session.failures++;
      session.error = record.error;
      break;
    case 'quota_limited':
      session.status = 'quota_wait';
      session.waitsUntil = finiteTime(record.until);
      break;
    case 'approval_requested': // a session that is being interrupted stays so
      session.request = { requestId: record.requestId, tool: record.tool, input: record.input };
      if (session.status === 'running') session.status = 'awaiting_approval';
      break;
    case 'approval_answered':
      if (session.status === 'awaiting_approval') session.status = 'running';
      break;
    case 'session_paused':
      session.status = 'paused';
      break;
    case 'session_completed':
      session.invalidOutput = undefined;
      session.left = resultIn(record);
      settle(session, record, elapsedMs);
      session.ledger = soundLedger({ ...session.ledger, tokens: record.tokens }, session.ledger);
      break;
    case 'session_failed':
      session.error = record.error;
      settle(session, record, elapsedMs);
      break;
    case 'session_stopped':
      settle(session, record, elapsedMs);
      break;
    case 'session_skipped':
      session.skipReason = record.reason;
      settle(session, record, elapsedMs);
      break;
    default:
      break;
  }
  if (session.status !== 'awaiting_approval') session.request = withoutInput(session.request);
}

type Beginning = Extract<JournalRecord, { readonly type: 'session_started' | 'session_resumed' }>;

function begin(session: SessionFold, { attempt, agentSessionId, time }: Beginning, elapsedMs: number): void {
  session.status = 'running';
  session.inPlay = true;
  session.resolved = [];
  session.attempts = attempt;
  session.conversation = agentSessionId;
  session.since ??= elapsedMs;
  session.startedAt ??= timeOf(time);
}

function settle(session: SessionFold, end: SessionEnd, elapsedMs: number): void {
  session.status = SETTLED_AFTER[end.type];
  session.inPlay = false;
  session.step = undefined;
  session.resolved = [];
  session.held = false;
  session.heldBy = undefined;
  session.messages = NO_MESSAGES;
  if ('costUsd' in end) {
    const settled = toMicroUsd(end.costUsd);
    session.ledger = soundLedger({ ...session.ledger, settled }, session.ledger);
  }
  if (session.since === undefined) return;
  session.durationMs = elapsedMs - session.since;
  session.settledMs += session.durationMs;
  session.settledRuns++;
}
