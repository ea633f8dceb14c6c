import type { SeenEvent } from '../../history.ts';
import { type Concern, type Court, fieldOf, listOf, micro, numberOf, sessionOf, textOf } from '../concern.ts';

type Check = (value: unknown) => boolean;
const text: Check = value => typeof value === 'string' && value !== '';
const anyText: Check = value => typeof value === 'string';
const count: Check = value => typeof value === 'number' && Number.isInteger(value) && value >= 0;
const usd: Check = value => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const flag: Check = value => typeof value === 'boolean';
const ids: Check = value => Array.isArray(value) && value.every(item => typeof item === 'string');
const list: Check = value => Array.isArray(value);
const limit: Check = value => value === 'none' || (usd(value) && value !== 0);
const error: Check = value => text(fieldOf(value, 'code')) && anyText(fieldOf(value, 'message'));
const tokens: Check = value =>
  ['input', 'output', 'cacheRead', 'cacheWrite'].every(kind => count(fieldOf(value, kind)));
const oneOf =
  (...words: string[]): Check =>
  value =>
    words.includes(String(value));

const PAUSE = oneOf(
  ...['manual', 'budget_exceeded', 'error_threshold', 'quota', 'agent_unavailable'],
  ...['sessions_paused', 'store_failed', 'shutdown', 'conflict', 'delivery_refused'],
);
const started = { attempt: count, agentSessionId: text };

/** Spec §10: the fields that each event has besides `seq`, `time`, `groupId` and, where it is a session's, `sessionId`. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  group_created: { name: text },
  group_started: { sessionCount: count, maxConcurrent: count },
  group_pausing: { reason: PAUSE },
  group_paused: { reason: PAUSE },
  group_resumed: {},
  group_stopping: { reason: text },
  group_stopped: { reason: text },
  group_retried: { sessions: ids },
  group_completed: {},
  group_failed: { reason: text },
  group_archived: {},
  group_updated: { revision: count, added: ids, removed: ids, changed: ids, settings: ids, fresh: ids },
  session_added: { sessionId: text },
  session_started: { sessionId: text, ...started },
  session_resumed: { sessionId: text, ...started },
  session_progress: { sessionId: text, costUsd: usd, tokens, estimated: flag },
  session_message: { sessionId: text, role: text, text: anyText },
  tool_started: { sessionId: text, tool: text, toolUseId: text },
  tool_finished: { sessionId: text, tool: text, toolUseId: text },
  session_retrying: { sessionId: text, attempt: count, delayMs: usd, error },
  session_paused: { sessionId: text },
  session_continuing: { sessionId: text },
  message_sent: { sessionId: text, messageId: text, text, by: text },
  message_delivered: { sessionId: text, messageId: text },
  message_undelivered: { sessionId: text, messageId: text },
  session_completed: {
    ...{ sessionId: text, costUsd: usd, tokens, durationMs: usd, result: anyText, permissionDenials: list },
  },
  session_failed: { sessionId: text, error, costUsd: usd },
  session_skipped: {
    sessionId: text,
    reason: oneOf('upstream_failed', 'not_needed', 'group_stopped'),
    because: ids,
  },
  session_stopped: { sessionId: text, costUsd: usd },
  dependency_waiting: { sessionId: text, waitingFor: ids },
  dependency_resolved: { sessionId: text, dependency: text },
  config_generated: { sessionId: text, files: list, hash: text },
  session_warning: { sessionId: text, message: text },
  budget_warning: { usageUsd: usd, limitUsd: usd },
  budget_exceeded: { usageUsd: usd, limitUsd: usd, action: oneOf('pause', 'stop', 'warn') },
  budget_changed: { limitUsd: limit },
  cost_reconciled: { sessionId: text, estimatedUsd: usd, costUsd: usd },
  quota_limited: { account: text, until: value => !Number.isNaN(Date.parse(textOf(value))) },
  approval_requested: { sessionId: text, requestId: text, tool: text },
  approval_answered: { sessionId: text, requestId: text, decision: oneOf('allow', 'deny'), by: text },
  workspace_ready: { sessionId: text, path: text, branch: text, commit: text },
  workspace_removed: { sessionId: text, path: text },
  session_verifying: { sessionId: text },
  session_verified: { sessionId: text, durationMs: usd },
  session_integrated: { sessionId: text, repository: text, commit: text },
  session_conflict: { sessionId: text, files: ids, with: ids, ours: text, theirs: text },
  group_delivering: { into: text },
  delivery_refused: { message: text },
  group_delivered: { repositories: list },
  delivery_undone: { repositories: list },
};

const ALL = ['type', 'seq', 'time', 'groupId', 'crc'];
/** Fields that an event may have besides. */
const OPTIONAL: Readonly<Record<string, readonly string[]>> = {
  group_updated: ['limitUsd'],
  group_retried: ['fresh'],
  session_started: ['pid', 'startedOver'],
  session_resumed: ['pid'],
  session_progress: ['currentTool', 'guessedUsd', 'unpricedUsd'],
  tool_started: ['input'],
  tool_finished: ['durationMs', 'isError'],
  session_completed: ['resultFile', 'output', 'outputFile', 'changedFiles', 'moreChangedFiles'],
  budget_warning: ['certainUsd', 'sessionId'],
  budget_exceeded: ['sessionId'],
  quota_limited: ['sessionId'],
  approval_requested: ['input'],
  approval_answered: ['answer'],
  session_verifying: ['merged'],
  group_delivering: ['requested'],
};

/** §10: each event has its fields, and they agree with everything else that is known. */
export function eventFields(court: Court): Concern {
  const { truth } = court;
  let groupId = '';
  let revision = 0;

  function agrees(event: SeenEvent): void {
    const session = truth.sessions.get(sessionOf(event));
    switch (event.type) {
      case 'group_started':
        equal(event, 'sessionCount', truth.sessions.size);
        equal(event, 'maxConcurrent', truth.definition.maxConcurrent);
        return;
      case 'group_stopped':
        equal(event, 'reason', truth.reason);
        return;
      case 'group_updated':
        if (numberOf(event.revision) <= revision)
          court.report('§10', `revision ${event.revision} comes twice`);
        revision = numberOf(event.revision);
        for (const id of listOf(event.removed)) {
          const gone = truth.sessions.get(id);
          if (gone === undefined) court.report('§10', `${id} is removed, and is not in the group`);
          else if (gone.attempts > 0 || gone.inPlay) court.report('§3', `${id} is removed, and has run`);
        }
        for (const id of listOf(event.changed)) {
          const changed = truth.sessions.get(id);
          if (changed?.inPlay || changed?.end?.outcome === 'completed') {
            court.report('§3', `${id} is changed, and is ${changed.status}`);
          }
        }
        return;
      case 'group_retried':
        for (const id of listOf(event.sessions)) {
          if (!truth.retryable(id))
            court.report('§7 retry', `${id} is retried, and is ${truth.sessions.get(id)?.status}`);
        }
        return;
      case 'session_retrying':
        if (session !== undefined) equal(event, 'attempt', session.attempts + 1);
        return;
      case 'dependency_waiting': {
        const open = session === undefined ? [] : truth.graph.open(session.id, truth.ends);
        const waitingFor = listOf(event.waitingFor);
        const agree = waitingFor.length === open.length && waitingFor.every(id => open.includes(id));
        if (!agree) court.report('§10', `${session?.id} waits for ${waitingFor}, open are ${open}`);
        return;
      }
      case 'approval_answered':
        if (session?.request !== undefined) equal(event, 'requestId', session.request.id);
        return;
      case 'budget_warning':
      case 'budget_exceeded':
        if (event.sessionId === undefined && truth.limit !== undefined) {
          if (micro(event.limitUsd) !== truth.limit) {
            court.report(
              '§10',
              `${event.type} of ${event.limitUsd}, the limit is ${truth.limit} micro-dollars`,
            );
          }
        }
        if (event.type === 'budget_exceeded') equal(event, 'action', truth.definition.onBudgetExceeded);
        return;
    }
  }

  function equal(event: SeenEvent, field: string, expected: unknown): void {
    if (event[field] !== expected) {
      court.report('§10', `${event.type} has ${field} ${String(event[field])}, expected ${String(expected)}`);
    }
  }

  return {
    before(event) {
      const fields = FIELDS[event.type];
      if (fields === undefined) {
        court.report('§10', `there is no event ${event.type}`);
        return;
      }
      for (const [name, check] of Object.entries(fields)) {
        if (!check(event[name]))
          court.report('§10', `${event.type} has ${name} ${JSON.stringify(event[name])}`);
      }
      const known = [...ALL, ...Object.keys(fields), ...(OPTIONAL[event.type] ?? [])];
      const unknown = Object.keys(event).filter(name => !known.includes(name));
      if (unknown.length > 0) court.report('§10', `${event.type} has ${unknown.join(', ')} besides`);
      if (groupId === '') groupId = event.groupId;
      else if (groupId !== event.groupId) court.report('§10', `${event.type} is of another group`);
      agrees(event);
    },
  };
}
