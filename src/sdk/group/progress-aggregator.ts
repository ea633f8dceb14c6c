import { isLiveStatus, type SessionStatus } from '../../../machines/vocabulary.ts';
import type { Clock } from '../clock.ts';
import { NO_TOKENS, type Tokens } from './events.ts';
import { isSettled, STATUS_AFTER } from './fold.ts';
import { isEvent, type JournalRecord } from './journal.ts';
import { addTokens, subtractTokens, toMicroUsd, toUsd } from './ledger.ts';
import type { GroupProgress, GroupStats, SessionProgress, WaitReason } from './progress.ts';
import type { GroupStatus } from './types.ts';

/** What the aggregator cannot know from the records. */
export interface AggregatorSource {
  readonly groupId: string;
  readonly name: string;
  readonly sessions: readonly {
    readonly id: string;
    readonly projectPath: string;
    readonly estimateMs?: number;
  }[];
  readonly maxConcurrent: number;
  readonly clock: Clock;
  /** Asked only for sessions that wait, when a snapshot is taken. */
  readonly why: (sessionId?: string) => WaitReason | undefined;
  readonly limitUsd: () => number | undefined;
}

interface Row {
  progress: SessionProgress;
  costMicroUsd: number;
  startedAtMonotonic: number | undefined;
  /** Tools that are running, by their use; the last started is the current one. */
  readonly tools: Map<string, string>;
}

type Bucket = 'pending' | 'running' | 'waiting' | 'paused' | 'completed' | 'failed' | 'skipped' | 'stopped';

const BUCKETS: Readonly<Record<SessionStatus, Bucket>> = {
  pending: 'pending',
  preparing: 'running',
  running: 'running',
  interrupting: 'running',
  awaiting_approval: 'waiting',
  retrying: 'waiting',
  quota_wait: 'waiting',
  paused: 'paused',
  completed: 'completed',
  failed: 'failed',
  stopped: 'stopped',
  skipped: 'skipped',
};

/**
 * Folds the records of a group into its progress.
 *
 * P1 a record costs the same in a group of 10 and of 10,000: it touches one row and a few counters.
 * P2 the counters are always the sums over the rows.
 */
export class ProgressAggregator {
  /** ISO 8601, UTC; until the group runs again. */
  archivedAt: string | undefined;
  readonly #source: AggregatorSource;
  readonly #rows = new Map<string, Row>();
  readonly #counts: Record<Bucket, number> = {
    pending: 0,
    running: 0,
    waiting: 0,
    paused: 0,
    completed: 0,
    failed: 0,
    skipped: 0,
    stopped: 0,
  };
  #status: GroupStatus = 'created';
  #costMicroUsd = 0;
  #tokens: Tokens = NO_TOKENS;
  #startedAt: number | undefined;
  #elapsedMs = 0;
  #settledDurationMs = 0;
  #settledRuns = 0;
  /** While a history is replayed: the time of its last event. */
  #replayedAt: number | undefined;

  constructor(source: AggregatorSource) {
    this.#source = source;
    for (const session of source.sessions) this.#addRow(session.id, session.projectPath);
  }

  /** Takes in a history: durations are those between its records, and stand still after the last. */
  replay(records: Iterable<JournalRecord>): void {
    for (const record of records) {
      if (isEvent(record)) this.#replayedAt = Date.parse(record.time);
      this.apply(record);
    }
    const end = this.#replayedAt;
    this.#replayedAt = undefined;
    if (end === undefined) return;
    if (this.#startedAt !== undefined) this.#elapsedMs += end - this.#startedAt;
    this.#startedAt = undefined;
    const shift = this.#now() - end;
    for (const row of this.#rows.values()) {
      if (row.startedAtMonotonic !== undefined) row.startedAtMonotonic += shift;
    }
  }

  /** Takes in one record. */
  apply(record: JournalRecord): void {
    if (!isEvent(record)) {
      if (record.type === '_status') this.#setStatus(record.sessionId, record.status);
      return;
    }
    switch (record.type) {
      case 'group_started':
      case 'group_resumed':
      case 'group_retried':
        this.archivedAt = undefined;
        if (record.type !== 'group_retried' || this.#status !== 'paused') this.#enter('running');
        if (record.type === 'group_retried') for (const id of record.sessions) this.#reopen(id);
        break;
      case 'group_pausing':
      case 'group_paused':
      case 'group_stopping':
      case 'group_stopped':
      case 'group_completed':
      case 'group_failed':
        this.#enter(STATUS_AFTER[record.type]);
        break;
      case 'group_archived':
        this.archivedAt = record.time;
        break;
      case 'session_started':
      case 'session_resumed':
        this.#started(record.sessionId, record.attempt);
        break;
      case 'session_progress':
        this.#spent(record.sessionId, record.costUsd, record.tokens, record.estimated);
        break;
      case 'session_message':
        this.#change(record.sessionId, row => ({ messageCount: row.progress.messageCount + 1 }));
        break;
      case 'tool_started':
        this.#tool(record.sessionId, tools => tools.set(record.toolUseId, record.tool));
        break;
      case 'tool_finished':
        this.#tool(record.sessionId, tools => tools.delete(record.toolUseId));
        break;
      case 'session_completed':
        this.#spent(record.sessionId, record.costUsd, record.tokens, undefined);
        this.#settled(record.sessionId, 'completed');
        break;
      case 'session_failed':
        this.#spent(record.sessionId, record.costUsd, undefined, undefined);
        this.#change(record.sessionId, () => ({ error: record.error }));
        this.#settled(record.sessionId, 'failed');
        break;
      case 'session_stopped':
        this.#spent(record.sessionId, record.costUsd, undefined, undefined);
        this.#settled(record.sessionId, 'stopped');
        break;
      case 'session_skipped':
        this.#change(record.sessionId, () => ({ skipReason: record.reason }));
        this.#settled(record.sessionId, 'skipped');
        break;
      default:
        break;
    }
  }

  /** Counts and totals, without the sessions. */
  getGroupStats(): GroupStats {
    return {
      totalSessions: this.#rows.size,
      ...this.#counts,
      totalCostUsd: toUsd(this.#costMicroUsd),
      totalTokens: this.#tokens,
    };
  }

  get status(): GroupStatus {
    return this.#status;
  }

  get elapsedMs(): number {
    const since = this.#startedAt === undefined ? 0 : this.#now() - this.#startedAt;
    return this.#elapsedMs + since;
  }

  /** The progress of this moment; costs O(sessions). */
  getProgress(): GroupProgress {
    const limitUsd = this.#source.limitUsd();
    const remaining = this.#estimateRemaining();
    const why = this.#source.why();
    return {
      groupId: this.#source.groupId,
      name: this.#source.name,
      status: this.#status,
      ...(why ? { why } : {}),
      ...this.getGroupStats(),
      sessions: [...this.#rows.values()].map(row => this.#view(row)),
      ...(limitUsd === undefined ? {} : { limitUsd, budgetUsedRatio: toUsd(this.#costMicroUsd) / limitUsd }),
      elapsedMs: this.elapsedMs,
      ...(remaining === undefined ? {} : { estimatedRemainingMs: remaining }),
    };
  }

  statusOf(id: string): SessionStatus | undefined {
    return this.#rows.get(id)?.progress.status;
  }

  sessionProgress(id: string): SessionProgress | undefined {
    const row = this.#rows.get(id);
    return row && this.#view(row);
  }

  #view(row: Row): SessionProgress {
    const { progress } = row;
    if (isSettled(progress.status)) return progress;
    const why = BUCKETS[progress.status] === 'running' ? undefined : this.#source.why(progress.id);
    const { startedAtMonotonic } = row;
    return {
      ...progress,
      ...(why ? { why } : {}),
      ...(startedAtMonotonic === undefined
        ? {}
        : { durationMs: this.#source.clock.monotonic() - startedAtMonotonic }),
    };
  }

  #addRow(id: string, projectPath: string): void {
    this.#counts.pending++;
    this.#rows.set(id, {
      progress: {
        id,
        projectPath,
        status: 'pending',
        costUsd: 0,
        estimated: false,
        tokens: NO_TOKENS,
        attempts: 0,
        messageCount: 0,
      },
      costMicroUsd: 0,
      startedAtMonotonic: undefined,
      tools: new Map(),
    });
  }

  #now(): number {
    return this.#replayedAt ?? this.#source.clock.monotonic();
  }

  #enter(status: GroupStatus): void {
    const running = isLiveStatus(status);
    if (running && this.#startedAt === undefined) this.#startedAt = this.#now();
    if (!running && this.#startedAt !== undefined) {
      this.#elapsedMs = this.elapsedMs;
      this.#startedAt = undefined;
    }
    this.#status = status;
  }

  #change(id: string, change: (row: Row) => Partial<SessionProgress>): void {
    const row = this.#rows.get(id);
    if (row) row.progress = { ...row.progress, ...change(row) };
  }

  #setStatus(id: string, status: SessionStatus): void {
    const row = this.#rows.get(id);
    if (!row || row.progress.status === status) return;
    this.#counts[BUCKETS[row.progress.status]]--;
    this.#counts[BUCKETS[status]]++;
    row.progress = { ...row.progress, status };
  }

  #started(id: string, attempt: number): void {
    const row = this.#rows.get(id);
    if (!row) return;
    row.startedAtMonotonic ??= this.#now();
    const startedAt = row.progress.startedAt ?? this.#replayedAt ?? this.#source.clock.now();
    row.progress = { ...row.progress, attempts: attempt, startedAt };
    this.#setStatus(id, 'running');
  }

  #settled(id: string, status: SessionStatus): void {
    const row = this.#rows.get(id);
    if (!row) return;
    this.#tool(id, tools => tools.clear());
    if (row.startedAtMonotonic !== undefined) {
      const durationMs = this.#now() - row.startedAtMonotonic;
      this.#settledDurationMs += durationMs;
      this.#settledRuns++;
      row.progress = { ...row.progress, durationMs };
    }
    this.#setStatus(id, status);
  }

  #reopen(id: string): void {
    const row = this.#rows.get(id);
    if (!row) return;
    const { error: _error, skipReason: _reason, durationMs: _duration, ...rest } = row.progress;
    row.progress = rest;
    this.#setStatus(id, 'pending');
  }

  #spent(id: string, costUsd: number, tokens: Tokens | undefined, estimated: boolean | undefined): void {
    const row = this.#rows.get(id);
    if (!row) return;
    const costMicroUsd = toMicroUsd(costUsd);
    this.#costMicroUsd += costMicroUsd - row.costMicroUsd;
    row.costMicroUsd = costMicroUsd;
    if (tokens) {
      this.#tokens = addTokens(this.#tokens, subtractTokens(tokens, row.progress.tokens));
    }
    row.progress = {
      ...row.progress,
      costUsd,
      ...(tokens ? { tokens } : {}),
      ...(estimated === undefined ? {} : { estimated }),
    };
  }

  #tool(id: string, update: (tools: Map<string, string>) => void): void {
    const row = this.#rows.get(id);
    if (!row) return;
    update(row.tools);
    const current = [...row.tools.values()].at(-1);
    const { currentTool: _before, ...rest } = row.progress;
    row.progress = current === undefined ? rest : { ...rest, currentTool: current };
  }

  /** From the mean of what has settled; a rough figure for people. */
  #estimateRemaining(): number | undefined {
    const left = this.#counts.pending + this.#counts.running + this.#counts.waiting + this.#counts.paused;
    if (this.#settledRuns === 0 || left === 0) return left === 0 ? 0 : undefined;
    const mean = this.#settledDurationMs / this.#settledRuns;
    return (mean * left) / Math.min(this.#source.maxConcurrent, left);
  }
}
