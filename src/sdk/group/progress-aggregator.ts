import { isSettled, type SessionStatus } from '../../../machines/vocabulary.ts';
import { type Clock, systemClock } from '../clock.ts';
import { given } from '../given.ts';
import { addTokens, NO_TOKENS, subtractTokens, type Tokens } from '../session/usage.ts';
import { toUsd } from './cost/ledger.ts';
import { fanOutOf } from './fan-out/members.ts';
import { checkIds } from './input/checked-sessions.ts';
import { foldRecord, type GroupFold, newGroupFold, sessionsOf } from './journal/fold.ts';
import type { SessionFold } from './journal/fold-session.ts';
import { isTimed, type JournalRecord } from './journal/records.ts';
import { type Counted, countedOf, type Row, UNSTARTED, waits } from './progress/counted.ts';
import { type Counter, counterOf, NO_SESSIONS } from './progress/group-stats.ts';
import type { GroupProgress, GroupStats, SessionProgress, WaitReason } from './progress/progress.ts';
import { remainingTime, type Unsettled } from './progress/remaining.ts';
import { sessionView } from './progress/session-view.ts';
import { ConcurrencyConfig, type GroupStatus, type SessionDefinition } from './types.ts';

/** What the aggregator can't know from the records. */
export interface AggregatorSource {
  readonly groupId: string;
  readonly name: string;
  readonly sessions: readonly (Pick<SessionDefinition, 'id' | 'projectPath' | 'project' | 'forEach'> &
    Partial<Pick<SessionDefinition, 'estimate'>>)[];
  /** For the estimate of the remaining time. */
  readonly maxConcurrent: number;
  readonly clock: Clock;
  /** Called only for waiting sessions, when progress is read. */
  readonly why: (sessionId?: string) => WaitReason | undefined;
  readonly limitUsd: () => number | undefined;
}

/** What a host that only folds events knows of a group: at least the ids of its sessions. */
export type AggregatorInput = Pick<AggregatorSource, 'sessions'> & Partial<AggregatorSource>;

const DEFAULTS: AggregatorSource = {
  groupId: 'group',
  name: 'group',
  sessions: [],
  maxConcurrent: ConcurrencyConfig.parse({}).maxConcurrent,
  clock: systemClock,
  why: () => undefined,
  limitUsd: () => undefined,
};

/**
 * Folds a group's records and keeps counters: the group's current progress.
 *
 * PROGRESS-1 a record costs the same in a group of 10 and of 10,000: it touches one row and a few counters.
 * PROGRESS-2 the counters are always the sums over the rows.
 * PROGRESS-3 a live group's durations are measured on the monotonic clock, whatever the timestamps of its events say.
 *    The drift is the difference between the two since this aggregator began; earlier time comes from timestamps.
 */
export class ProgressAggregator {
  /** The fold of all records so far; read-only for callers. */
  readonly fold: GroupFold;
  #source: AggregatorSource;
  #rows = new Map<string, Row>();
  readonly #counts: Record<Counter, number> = { ...NO_SESSIONS };
  #costMicroUsd = 0;
  #tokens: Tokens = NO_TOKENS;
  #settledMs = 0;
  #settledRuns = 0;
  #drift = 0;
  /** @internal Grows with each change that a record, or a definition, makes to a session. */
  version = 0;
  /** Monotonic time of the last event since the aggregator began; until the first event, time doesn't advance. */
  #lastEvent: number | undefined;

  /**
   * @param fold the fold of the history so far, which the aggregator continues in place. Default: no history.
   * @throws DefinitionError if `source.sessions` isn't a list of sessions with ids.
   */
  constructor(source: AggregatorInput, fold: GroupFold = newGroupFold()) {
    checkIds(source, 'progress');
    this.#source = { ...DEFAULTS, ...given(source) };
    this.fold = fold;
    for (const session of source.sessions) {
      this.#addRow(session);
      this.#count(UNSTARTED, this.#session(session.id));
    }
  }

  /**
   * Switches to the sessions of a new definition; sessions that stay keep their progress. Must be called
   * before the corresponding `group_updated` is applied.
   */
  redefine(source: Pick<AggregatorSource, 'name' | 'sessions' | 'maxConcurrent'>): void {
    const before = this.#rows;
    this.#source = { ...this.#source, ...source };
    this.#rows = new Map();
    for (const definition of source.sessions) {
      const { id } = definition;
      const known = before.get(id);
      before.delete(id);
      if (known) this.#rows.set(id, { ...known, definition, shown: undefined, version: ++this.version });
      else this.#addRow(definition);
    }
    for (const id of before.keys()) {
      this.#count(this.#session(id), UNSTARTED);
      this.#counts.pending--;
    }
  }

  /** Applies one record. */
  apply(record: JournalRecord): void {
    const ids = sessionsOf(record);
    const [id] = ids;
    if (id === undefined) this.#fold(record);
    else if (ids.length === 1) {
      const before = countedOf(this.#session(id));
      this.#fold(record);
      this.#changed(id, before);
    } else {
      const before = ids.map(one => countedOf(this.#session(one)));
      this.#fold(record);
      for (const [index, one] of ids.entries()) this.#changed(one, before[index] ?? UNSTARTED);
    }
  }

  #fold(record: JournalRecord): void {
    const { elapsedMs, ticking } = this.fold;
    foldRecord(this.fold, record);
    if (isTimed(record)) this.#measure(ticking, this.fold.elapsedMs - elapsedMs);
  }

  #changed(id: string, before: Counted): void {
    const row = this.#rows.get(id);
    if (!row) return;
    const after = this.#session(id);
    row.shown = undefined;
    row.waits = waits(after);
    row.version = ++this.version;
    if (before.since === undefined) row.driftAtStart = this.#drift;
    if (before.durationMs !== after.durationMs) row.drift = this.#drift - row.driftAtStart;
    this.#count(before, after);
    if (before.settledRuns !== after.settledRuns) this.#settledMs += row.drift;
  }

  /** Counters and totals, without the sessions. */
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

  /** Session ids in definition order. */
  get ids(): readonly string[] {
    return [...this.#rows.keys()];
  }

  get status(): GroupStatus {
    return this.fold.status;
  }

  /** ISO 8601, UTC; undefined unless the group is archived. */
  get archivedAt(): string | undefined {
    return this.fold.archivedAt;
  }

  get elapsedMs(): number {
    const since = this.fold.ticking && this.#lastEvent !== undefined ? this.#lastEvent : undefined;
    const sinceLastEvent = since === undefined ? 0 : this.#source.clock.monotonic() - since;
    return this.fold.elapsedMs + this.#drift + sinceLastEvent;
  }

  /** From the session's first attempt until it settled, or until now; undefined if it hasn't started. */
  durationOf(id: string): number | undefined {
    const row = this.#rows.get(id);
    return row && this.#durationOf(row);
  }

  /** The current progress; costs O(sessions). */
  getProgress(): GroupProgress {
    return this.progressSince(-1);
  }

  /**
   * @internal Only with the sessions that may have changed since that version, apart from their durations: why one waits
   * can change without a record.
   */
  progressSince(since: number): GroupProgress {
    const limitUsd = this.#source.limitUsd();
    const remaining = this.#estimateRemaining();
    const why = this.#source.why();
    const { suspensions } = this.fold;
    return {
      groupId: this.#source.groupId,
      name: this.#source.name,
      status: this.status,
      ...(why ? { why } : {}),
      ...this.getGroupStats(),
      sessions: this.#viewsSince(since),
      ...(limitUsd === undefined ? {} : { limitUsd, budgetUsedRatio: toUsd(this.#costMicroUsd) / limitUsd }),
      elapsedMs: this.elapsedMs,
      ...(suspensions.length > 0 ? { suspensions } : {}),
      ...(remaining === undefined ? {} : { estimatedRemainingMs: remaining }),
    };
  }

  #viewsSince(since: number): SessionProgress[] {
    const views: SessionProgress[] = [];
    for (const row of this.#rows.values()) if (row.version > since || row.waits) views.push(this.#view(row));
    return views;
  }

  statusOf(id: string): SessionStatus | undefined {
    return this.#rows.has(id) ? this.#session(id).status : undefined;
  }
  /** @internal */
  fanOutOf = (id: string) => fanOutOf(this.#rows.get(id)?.definition ?? {});

  sessionProgress(id: string): SessionProgress | undefined {
    const row = this.#rows.get(id);
    return row && this.#view(row);
  }

  #view(row: Row): SessionProgress {
    if (row.shown) return row.shown;
    const { definition } = row;
    const session = this.#session(definition.id);
    if (isSettled(session.status)) {
      const durationMs = session.durationMs === undefined ? undefined : session.durationMs + row.drift;
      row.shown = sessionView(definition, session, undefined, durationMs);
      return row.shown;
    }
    const why = row.waits ? this.#source.why(definition.id) : undefined;
    return sessionView(definition, session, why, this.#durationOf(row));
  }

  #session(id: string): Readonly<SessionFold> {
    return this.fold.sessions.get(id) ?? UNSTARTED;
  }

  #durationOf(row: Row): number | undefined {
    const { since, durationMs } = this.#session(row.definition.id);
    if (durationMs !== undefined) return durationMs + row.drift;
    return since === undefined ? undefined : this.elapsedMs - row.driftAtStart - since;
  }

  /** Updates the drift at an event. @param passed the time that its timestamp adds to the group's `elapsedMs`. */
  #measure(ticked: boolean, passed: number): void {
    const now = this.#source.clock.monotonic();
    if (ticked) this.#drift += (this.#lastEvent === undefined ? 0 : now - this.#lastEvent) - passed;
    this.#lastEvent = now;
  }

  #addRow(definition: Row['definition']): void {
    this.#counts.pending++;
    const version = ++this.version;
    const mayWait = waits(this.#session(definition.id));
    // Without a spread, so that all rows have one shape.
    const row = { definition, driftAtStart: 0, drift: 0, shown: undefined, version, waits: mayWait };
    this.#rows.set(definition.id, row);
  }

  /** Replaces a row's share of the counters (PROGRESS-2). */
  #count(before: Counted, after: Counted): void {
    if (after.status !== before.status) {
      this.#counts[counterOf(before.status)]--;
      this.#counts[counterOf(after.status)]++;
    }
    const { settled, tokens } = after.ledger;
    this.#costMicroUsd += settled - before.ledger.settled;
    if (tokens !== before.ledger.tokens) {
      this.#tokens = addTokens(this.#tokens, subtractTokens(tokens, before.ledger.tokens));
    }
    this.#settledMs += after.settledMs - before.settledMs;
    this.#settledRuns += after.settledRuns - before.settledRuns;
  }

  /** From the sessions' estimates; the mean duration of settled ones stands for those that are missing. */
  #estimateRemaining(): number | undefined {
    const mean = this.#settledRuns === 0 ? undefined : this.#settledMs / this.#settledRuns;
    const left: Unsettled[] = [];
    for (const row of this.#rows.values()) {
      const { id, estimate = mean } = row.definition;
      if (isSettled(this.#session(id).status)) continue;
      if (estimate === undefined) return undefined;
      left.push({ expectedMs: estimate, elapsedMs: this.#durationOf(row) });
    }
    return remainingTime(left, this.#source.maxConcurrent);
  }
}
