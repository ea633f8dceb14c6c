import { isSettled, isWorking, phaseOf, type SessionStatus } from '../../../machines/vocabulary.ts';
import type { Clock } from '../clock.ts';
import { NO_TOKENS, type Tokens } from '../session/usage.ts';
import { addTokens, subtractTokens, toUsd } from './cost/ledger.ts';
import { foldRecord, type GroupFold, newGroupFold, sessionsOf } from './journal/fold.ts';
import { newSessionFold, type SessionFold } from './journal/fold-session.ts';
import { isEvent, type JournalRecord } from './journal/records.ts';
import type { GroupProgress, GroupStats, SessionProgress, WaitReason } from './progress/progress.ts';
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
  /** The aggregator's drift when the session first started, and its part in how long that took. */
  driftAtStart: number;
  drift: number;
  /** Made when somebody looks, and kept until the next change. */
  shown: SessionProgress | undefined;
}

const BUCKETS = {
  pending: 'pending',
  working: 'running',
  asking: 'waiting',
  waiting: 'waiting',
  paused: 'paused',
  completed: 'completed',
  failed: 'failed',
  stopped: 'stopped',
  skipped: 'skipped',
} as const;
type Bucket = (typeof BUCKETS)[keyof typeof BUCKETS];

const bucketOf = (status: SessionStatus): Bucket => BUCKETS[phaseOf(status)];

/** What of a session the counters sum up, and what its durations begin and end with. */
interface Counted
  extends Readonly<Pick<SessionFold, 'status' | 'since' | 'durationMs' | 'settledMs' | 'settledRuns'>> {
  readonly microUsd: number;
  readonly tokens: Tokens;
}

function countedOf(session: Readonly<SessionFold>): Counted {
  const { status, since, durationMs, settledMs, settledRuns, ledger } = session;
  const { settled: microUsd, tokens } = ledger;
  return { status, since, durationMs, settledMs, settledRuns, microUsd, tokens };
}

/** A session before its first record. */
const UNSTARTED: Readonly<SessionFold> = Object.freeze(newSessionFold());
const NOTHING = countedOf(UNSTARTED);

/**
 * Folds the records of a group (fold.ts), and counts: the picture of the moment.
 *
 * PROGRESS-1 a record costs the same in a group of 10 and of 10,000: it touches one row and a few counters.
 * PROGRESS-2 the counters are always the sums over the rows.
 * PROGRESS-3 a live group's durations are measured on the monotonic clock, whatever the times of its events say: how
 *    far the two are apart since this aggregator began is its drift. What came before lies between the times of events.
 */
export class ProgressAggregator {
  /** What the records so far say; not to be changed by others. */
  readonly fold: GroupFold;
  #source: AggregatorSource;
  #rows = new Map<string, Row>();
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
  #drift = 0;
  /** On the monotonic clock, of the last event since it began; until the first, time stands still. */
  #lastEvent: number | undefined;

  /** @param fold of the history so far: the aggregator continues in it. Default: there is none. */
  constructor(source: AggregatorSource, fold: GroupFold = newGroupFold()) {
    this.#source = source;
    this.fold = fold;
    for (const { id, projectPath } of source.sessions) {
      this.#addRow(id, projectPath);
      this.#count(NOTHING, countedOf(this.#session(id)));
    }
  }

  /**
   * The group has these sessions from now on: what is known of the ones that it had already stays so (PROGRESS-2). To
   * be called before the `group_updated` that says so is taken in.
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
    for (const id of before.keys()) {
      this.#count(countedOf(this.#session(id)), NOTHING);
      this.#counts.pending--;
    }
  }

  /** Takes in one record. */
  apply(record: JournalRecord): void {
    const changed = sessionsOf(record).flatMap(id => {
      const row = this.#rows.get(id);
      return row ? [{ row, before: countedOf(this.#session(id)) }] : [];
    });
    const { elapsedMs, ticking } = this.fold;
    foldRecord(this.fold, record);
    if (isEvent(record)) this.#measure(ticking, this.fold.elapsedMs - elapsedMs);
    for (const { row, before } of changed) {
      const after = countedOf(this.#session(row.id));
      row.shown = undefined;
      if (before.since === undefined) row.driftAtStart = this.#drift;
      if (before.durationMs !== after.durationMs) row.drift = this.#drift - row.driftAtStart;
      this.#count(before, after);
      if (before.settledRuns !== after.settledRuns) this.#settledMs += row.drift;
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

  get groupId(): string {
    return this.#source.groupId;
  }

  /** Of the sessions, in the order of the definition. */
  get ids(): readonly string[] {
    return [...this.#rows.keys()];
  }

  get status(): GroupStatus {
    return this.fold.status;
  }

  /** ISO 8601, UTC; until the group runs again. */
  get archivedAt(): string | undefined {
    return this.fold.archivedAt;
  }

  get elapsedMs(): number {
    const since = this.fold.ticking && this.#lastEvent !== undefined ? this.#lastEvent : undefined;
    const sinceLastEvent = since === undefined ? 0 : this.#source.clock.monotonic() - since;
    return this.fold.elapsedMs + this.#drift + sinceLastEvent;
  }

  /** From the session's first attempt until it settled, or until now; undefined for one that has not started. */
  durationOf(id: string): number | undefined {
    const row = this.#rows.get(id);
    return row && this.#durationOf(row);
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
    return this.#rows.has(id) ? this.#session(id).status : undefined;
  }

  sessionProgress(id: string): SessionProgress | undefined {
    const row = this.#rows.get(id);
    return row && this.#view(row);
  }

  #view(row: Row): SessionProgress {
    row.shown ??= this.#shownOf(row);
    const { status } = this.#session(row.id);
    if (isSettled(status)) return row.shown;
    const why = isWorking(status) ? undefined : this.#source.why(row.id);
    const durationMs = this.#durationOf(row);
    return { ...row.shown, ...(why ? { why } : {}), ...(durationMs === undefined ? {} : { durationMs }) };
  }

  /** Without what changes with the time. */
  #shownOf(row: Row): SessionProgress {
    const { id, projectPath } = row;
    const { status, skipReason, error, ledger, estimated, attempts, messageCount, ...session } =
      this.#session(id);
    const currentTool = session.tools.at(-1)?.[1];
    return {
      id,
      projectPath,
      status,
      costUsd: toUsd(ledger.settled),
      estimated,
      tokens: ledger.tokens,
      attempts,
      messageCount,
      ...(skipReason === undefined ? {} : { skipReason }),
      ...(status === 'failed' && error ? { error } : {}),
      ...(currentTool === undefined ? {} : { currentTool }),
      ...(session.startedAt === undefined ? {} : { startedAt: session.startedAt }),
      ...(session.durationMs === undefined ? {} : { durationMs: session.durationMs + row.drift }),
    };
  }

  #session(id: string): Readonly<SessionFold> {
    return this.fold.sessions.get(id) ?? UNSTARTED;
  }

  #durationOf(row: Row): number | undefined {
    const { since, durationMs } = this.#session(row.id);
    if (durationMs !== undefined) return durationMs + row.drift;
    return since === undefined ? undefined : this.elapsedMs - row.driftAtStart - since;
  }

  /** An event came. @param passed what its time adds to the group's. */
  #measure(ticked: boolean, passed: number): void {
    const now = this.#source.clock.monotonic();
    if (ticked) this.#drift += (this.#lastEvent === undefined ? 0 : now - this.#lastEvent) - passed;
    this.#lastEvent = now;
  }

  #addRow(id: string, projectPath: string): void {
    this.#counts.pending++;
    this.#rows.set(id, { id, projectPath, driftAtStart: 0, drift: 0, shown: undefined });
  }

  /** Takes what a row was out of the counters, and what it is in (PROGRESS-2). */
  #count(before: Counted, after: Counted): void {
    this.#counts[bucketOf(before.status)]--;
    this.#counts[bucketOf(after.status)]++;
    this.#costMicroUsd += after.microUsd - before.microUsd;
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
