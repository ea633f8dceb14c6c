import type { SessionStatus } from '../../../machines/vocabulary.ts';
import type { Clock } from '../clock.ts';
import { NO_TOKENS, type Tokens } from '../session/usage.ts';
import { addTokens, subtractTokens, toUsd } from './cost/ledger.ts';
import { isSettled } from './journal/fold.ts';
import type { JournalRecord } from './journal/journal.ts';
import type { GroupProgress, GroupStats, SessionProgress, WaitReason } from './progress/progress.ts';
import {
  elapsedMs,
  newGroupTally,
  newSessionTally,
  type ProgressFold,
  type SessionTally,
  sessionsOf,
  tallyGroup,
  tallySession,
} from './progress/progress-fold.ts';
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
  readonly id: string;
  readonly projectPath: string;
  tally: SessionTally;
  /** Made when somebody looks, and kept until the next change. */
  shown: SessionProgress | undefined;
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
  #source: AggregatorSource;
  #rows = new Map<string, Row>();
  readonly #group = newGroupTally();
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
  #costMicroUsd = 0;
  #tokens: Tokens = NO_TOKENS;
  #settledMs = 0;
  #settledRuns = 0;
  readonly #now = (): number => this.#source.clock.monotonic();

  constructor(source: AggregatorSource) {
    this.#source = source;
    for (const { id, projectPath } of source.sessions) this.#addRow(id, projectPath);
  }

  /**
   * Begins where a history ended, before the first record: durations are those between its records, and stand still
   * after the last. Nothing of the fold is kept or changed.
   */
  restore({ group, lastTime, sessions }: ProgressFold): void {
    if (lastTime === undefined) return;
    const end = Date.parse(lastTime);
    const live = group.since === undefined ? 0 : end - group.since;
    Object.assign(this.#group, group, { since: undefined, elapsedMs: group.elapsedMs + live });
    for (const row of this.#rows.values()) {
      const tally = sessions.get(row.id);
      if (!tally) continue;
      const before = row.tally;
      row.tally = { ...tally };
      this.#count(before, row.tally);
    }
  }

  /**
   * The group has these sessions from now on: what is known of the ones that it had already stays so (P2). To be
   * called before the `group_updated` that says so is taken in.
   */
  redefine(source: Pick<AggregatorSource, 'name' | 'sessions' | 'maxConcurrent'>): void {
    const before = this.#rows;
    this.#source = { ...this.#source, ...source };
    this.#rows = new Map();
    for (const { id, projectPath } of source.sessions) {
      const known = before.get(id);
      before.delete(id);
      if (known) this.#rows.set(id, { ...known, projectPath, shown: undefined });
      else this.#addRow(id, projectPath);
    }
    for (const { tally } of before.values()) {
      this.#count(tally, newSessionTally());
      this.#counts.pending--;
    }
  }

  /** Takes in one record. */
  apply(record: JournalRecord): void {
    tallyGroup(this.#group, record, this.#now);
    for (const id of sessionsOf(record)) {
      const row = this.#rows.get(id);
      if (!row) continue;
      const { status, costMicroUsd, tokens, settledMs, settledRuns } = row.tally;
      tallySession(row.tally, record, () => this.elapsedMs);
      row.shown = undefined;
      this.#count({ status, costMicroUsd, tokens, settledMs, settledRuns }, row.tally);
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
    return this.#group.status;
  }

  /** ISO 8601, UTC; until the group runs again. */
  get archivedAt(): string | undefined {
    return this.#group.archivedAt;
  }

  get elapsedMs(): number {
    return elapsedMs(this.#group, this.#now);
  }

  /** From the session's first attempt until it settled, or until now; undefined for one that has not started. */
  durationOf(id: string): number | undefined {
    const tally = this.#rows.get(id)?.tally;
    return tally?.durationMs ?? (tally?.since === undefined ? undefined : this.elapsedMs - tally.since);
  }

  /** The progress of this moment; costs O(sessions). */
  getProgress(): GroupProgress {
    const limitUsd = this.#source.limitUsd();
    const remaining = this.#estimateRemaining();
    const why = this.#source.why();
    return {
      groupId: this.#source.groupId,
      name: this.#source.name,
      status: this.status,
      ...(why ? { why } : {}),
      ...this.getGroupStats(),
      sessions: [...this.#rows.values()].map(row => this.#view(row)),
      ...(limitUsd === undefined ? {} : { limitUsd, budgetUsedRatio: toUsd(this.#costMicroUsd) / limitUsd }),
      elapsedMs: this.elapsedMs,
      ...(remaining === undefined ? {} : { estimatedRemainingMs: remaining }),
    };
  }

  statusOf(id: string): SessionStatus | undefined {
    return this.#rows.get(id)?.tally.status;
  }

  sessionProgress(id: string): SessionProgress | undefined {
    const row = this.#rows.get(id);
    return row && this.#view(row);
  }

  #view(row: Row): SessionProgress {
    row.shown ??= shownOf(row);
    const { status, since } = row.tally;
    if (isSettled(status)) return row.shown;
    const why = BUCKETS[status] === 'running' ? undefined : this.#source.why(row.id);
    return {
      ...row.shown,
      ...(why ? { why } : {}),
      ...(since === undefined ? {} : { durationMs: this.elapsedMs - since }),
    };
  }

  #addRow(id: string, projectPath: string): void {
    this.#counts.pending++;
    this.#rows.set(id, { id, projectPath, tally: newSessionTally(), shown: undefined });
  }

  /** Takes what a row was out of the counters, and what it is in (P2). */
  #count(before: Counted, after: Counted): void {
    this.#counts[BUCKETS[before.status]]--;
    this.#counts[BUCKETS[after.status]]++;
    this.#costMicroUsd += after.costMicroUsd - before.costMicroUsd;
    if (after.tokens !== before.tokens) {
      this.#tokens = addTokens(this.#tokens, subtractTokens(after.tokens, before.tokens));
    }
    this.#settledMs += after.settledMs - before.settledMs;
    this.#settledRuns += after.settledRuns - before.settledRuns;
  }

  /** From the mean of what has settled; a rough figure for people. */
  #estimateRemaining(): number | undefined {
    const left = this.#counts.pending + this.#counts.running + this.#counts.waiting + this.#counts.paused;
    if (this.#settledRuns === 0 || left === 0) return left === 0 ? 0 : undefined;
    const mean = this.#settledMs / this.#settledRuns;
    return (mean * left) / Math.min(this.#source.maxConcurrent, left);
  }
}

type Counted = Pick<SessionTally, 'status' | 'costMicroUsd' | 'tokens' | 'settledMs' | 'settledRuns'>;

/** Without what changes with the time. */
function shownOf({ id, projectPath, tally }: Row): SessionProgress {
  const { status, costUsd, estimated, tokens, attempts, messageCount } = tally;
  const { skipReason, error, startedAt, durationMs } = tally;
  const currentTool = tally.tools.at(-1)?.[1];
  return {
    id,
    projectPath,
    status,
    costUsd,
    estimated,
    tokens,
    attempts,
    messageCount,
    ...(skipReason === undefined ? {} : { skipReason }),
    ...(error === undefined ? {} : { error }),
    ...(currentTool === undefined ? {} : { currentTool }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(durationMs === undefined ? {} : { durationMs }),
  };
}
