import type { SettledStatus, SkipReason } from '../../../../machines/vocabulary.ts';
import { DEFAULT_ESTIMATE_MS, type DependencyGraph } from '../dependency-graph.ts';
import { Durations } from './durations.ts';
import { ReadyQueue } from './ready-queue.ts';
import type { ScheduleNote, SessionSkip } from './schedule-entry.ts';
import { type Entry, hasNotStarted, isTriggered, newEntry } from './schedule-entry.ts';
import { countDependents, skipOf, UndecidedQueue } from './undecided.ts';

/**
 * Which sessions may start, and in which order.
 *
 * SCHEDULE-1 a session is ready exactly when its trigger is satisfied and it is neither held, taken nor settled (I2).
 * SCHEDULE-2 settling costs O(out-degree); making ready and taking cost O(log n).
 * SCHEDULE-3 an edge is counted once, when its upstream settles. A session for which enough has settled is `undecided`
 *    until the group's chart evaluates it, through `enqueue` or `skip`, so no session waits forever.
 * SCHEDULE-4 a new graph doesn't affect settled or taken sessions; those that haven't started are reevaluated.
 */
export class Schedule {
  readonly graph: DependencyGraph;
  readonly #entries: Entry[];
  /** Kept from starting by a person. Once they have started, SessionsInPlay says so. */
  readonly #held: Set<number>;
  readonly #queue: ReadyQueue;
  #remaining: Float64Array;
  #turn = 0;
  #unsettled: number;
  readonly #toJudge: UndecidedQueue;
  readonly #durations = new Durations();
  readonly #mixed: boolean;

  constructor(graph: DependencyGraph, from?: Schedule) {
    this.graph = graph;
    const estimated = graph.nodes.filter(node => node.session.estimate !== undefined).length;
    this.#mixed = estimated > 0 && estimated < graph.size;
    this.#remaining = from ? from.#remaining : graph.remainingPaths(DEFAULT_ESTIMATE_MS);
    this.#entries = from ? from.#entries.map(entry => ({ ...entry })) : graph.nodes.map(newEntry);
    this.#held = new Set(from?.held);
    this.#queue = this.newQueue(from ? from.#queue.values() : []);
    this.#unsettled = from ? from.#unsettled : graph.size;
    this.#toJudge = new UndecidedQueue(from ? from.#toJudge : undefined);
    this.#turn = from ? from.#turn : 0;
    if (from) return;
    for (const node of graph.nodes) if (node.dependencies.length === 0) this.#makeReady(node.index);
  }

  /** A queue with this schedule's order, e.g. for sessions that wait for something other than a slot. */
  newQueue(values: readonly number[] = []): ReadyQueue {
    const queue = new ReadyQueue({
      reentry: index => this.#entries[index]?.reentry ?? 0,
      priority: index => this.graph.nodes[index]?.session.priority ?? 0,
      remaining: index => this.#remaining[index] ?? 0,
    });
    for (const index of values) queue.push(index);
    return queue;
  }

  clone(): Schedule {
    return new Schedule(this.graph, this);
  }

  get ready(): number {
    return this.#queue.size;
  }

  get unsettled(): number {
    return this.#unsettled;
  }

  /** Sessions that can be judged and have not been. */
  get undecided(): number {
    return this.#toJudge.undecided;
  }

  outcomeOf(index: number): SettledStatus | undefined {
    return this.#entries[index]?.outcome;
  }

  skipReasonOf(index: number): SkipReason | undefined {
    return this.#entries[index]?.skipReason;
  }

  isWaiting(index: number): boolean {
    return this.#entries[index]?.phase === 'waiting';
  }

  get held(): ReadonlySet<number> {
    return this.#held;
  }

  /** A session that hasn't started, and is held, is judged like any other, and no candidate. */
  setHeld(index: number, held: boolean): void {
    const phase = this.#entries[index]?.phase;
    if (phase === undefined || phase === 'settled' || this.#held.has(index) === held) return;
    if (held) this.#held.add(index);
    else this.#held.delete(index);
    if (phase === 'ready') this.#queue[held ? 'delete' : 'push'](index);
  }

  idOf(index: number): string {
    return this.graph.nodes[index]?.id ?? '';
  }

  /** The best candidate, which stays one. */
  get next(): number | undefined {
    return this.#queue.values()[0];
  }

  /** The best candidate; the caller starts it or gives it back. */
  take(): number | undefined {
    const index = this.#queue.pop();
    const entry = index === undefined ? undefined : this.#entries[index];
    if (entry) entry.phase = 'taken';
    return index;
  }

  /** Returns a session to the queue. @param reentry it was in play before, and continues in its turn. */
  giveBack(index: number, reentry = false): void {
    const entry = this.#entries[index];
    if (!entry || entry.phase === 'settled') return;
    if (reentry && entry.reentry === 0) entry.reentry = ++this.#turn;
    entry.phase = 'ready';
    this.#queue.push(index);
  }

  /** Takes a session out of the queue, e.g. because it is paused while waiting for a slot; false if it wasn't queued. */
  withdraw(index: number): boolean {
    const entry = this.#entries[index];
    const wasReady = entry?.phase === 'ready';
    if (wasReady) this.#queue.delete(index);
    this.#toJudge.judged(index);
    if (entry && entry.phase !== 'settled') entry.phase = 'taken';
    return wasReady;
  }

  /** A session has started: if it is queued again later, it gets a new turn. */
  started(index: number): void {
    const entry = this.#entries[index];
    if (entry) entry.reentry = 0;
  }

  /** What becomes undecided by it is among the next to judge. */
  settle(index: number, outcome: SettledStatus, durationMs?: number): ScheduleNote[] {
    if (durationMs !== undefined) this.#learn(durationMs);
    return this.#close(index, outcome, undefined) ? this.#countDependents(index) : [];
  }

  /** The next to judge, and the upstream session that made it undecided. */
  nextUndecided(): { readonly index: number; readonly upstream: number } | undefined {
    return this.#toJudge.next();
  }

  isSatisfied(index: number): boolean {
    const [entry, node] = [this.#entries[index], this.graph.nodes[index]];
    return entry?.phase === 'undecided' && node !== undefined && isTriggered(entry, node);
  }

  isViolated(index: number): boolean {
    return this.#entries[index]?.phase === 'undecided' && !this.isSatisfied(index);
  }

  /** Its dependencies are satisfied. */
  enqueue(index: number): void {
    if (this.#entries[index]?.phase !== 'undecided') return;
    this.#toJudge.judged(index);
    this.#makeReady(index);
  }

  /** Its dependencies are violated: it has settled, and what waits for it may be undecided. */
  skip(index: number): ScheduleNote[] {
    const node = this.graph.nodes[index];
    if (!node || this.#entries[index]?.phase !== 'undecided') return [];
    const skip = skipOf(node, this.graph, this.#entries);
    this.#close(index, 'skipped', skip.reason);
    return [{ type: 'skipped', ...skip }, ...this.#countDependents(index)];
  }

  /** Skips every session that hasn't started. */
  skipWaiting(reason: SkipReason): SessionSkip[] {
    const skips: SessionSkip[] = [];
    this.#entries.forEach((entry, index) => {
      if (hasNotStarted(entry)) {
        skips.push({ index, reason, because: [] });
        this.#close(index, 'skipped', reason);
      }
    });
    this.#queue.keep(index => this.#entries[index]?.phase === 'ready');
    return skips;
  }

  /** Takes over what has settled, by id, as a journal left it; what follows from it is still to be judged. */
  restore(
    settled: ReadonlyMap<string, { outcome: SettledStatus; reason: SkipReason | undefined }>,
  ): ScheduleNote[] {
    for (const [id, { outcome, reason }] of settled) {
      const index = this.graph.indexOf(id);
      if (index !== undefined) this.#close(index, outcome, reason);
    }
    return this.#count();
  }

  /**
   * Makes settled sessions wait again and counts every edge anew, so that a session that has not started waits
   * for one that runs again. Tells of resolved dependencies only for sessions that were opened.
   */
  reopen(indices: readonly number[]): ScheduleNote[] {
    const opened = new Set<number>();
    for (const index of indices) {
      const entry = this.#entries[index];
      if (entry?.phase !== 'settled') continue;
      opened.add(index);
      this.#unsettled++;
      Object.assign(entry, { phase: 'waiting', outcome: undefined, skipReason: undefined, reentry: 0 });
    }
    return this.#count().filter(note => opened.has(note.index));
  }

  /**
   * The same schedule over another graph; sessions are matched by id. Reports resolved dependencies only for
   * the sessions in `fresh`, whose edges are new.
   */
  over(graph: DependencyGraph, fresh: ReadonlySet<string>): { schedule: Schedule; notes: ScheduleNote[] } {
    const schedule = new Schedule(graph);
    const notes = schedule.#continueFrom(this);
    const isFresh = (index: number) => fresh.has(schedule.idOf(index));
    return { schedule, notes: notes.filter(note => isFresh(note.index)) };
  }

  #continueFrom(before: Schedule): ScheduleNote[] {
    this.#turn = before.#turn;
    this.#queue.clear();
    for (const node of this.graph.nodes) {
      const entry = this.#entries[node.index];
      const was = before.#entries[before.graph.indexOf(node.id) ?? -1];
      if (!entry || !was) continue;
      const { phase, outcome, skipReason, reentry } = was;
      if (before.held.has(before.graph.indexOf(node.id) ?? -1)) this.#held.add(node.index);
      const goesOn = phase === 'ready' && reentry !== 0;
      if (phase !== 'settled' && phase !== 'taken' && !goesOn) continue;
      Object.assign(entry, { phase, outcome, skipReason, reentry });
      if (phase === 'settled') this.#unsettled--;
      if (goesOn) this.#queue.push(node.index);
    }
    for (const duration of before.#durations.all) this.#learn(duration);
    return this.#count();
  }

  /** Counts every edge of what has not started, from all that has settled. */
  #count(): ScheduleNote[] {
    this.#queue.keep(index => this.#entries[index]?.phase === 'ready' && this.#entries[index].reentry !== 0);
    this.#toJudge.clear();
    const settled = this.graph.nodes.filter(node => this.#entries[node.index]?.phase === 'settled');
    for (const node of this.graph.nodes) {
      const entry = this.#entries[node.index];
      if (!entry || !hasNotStarted(entry)) continue;
      Object.assign(entry, newEntry(node));
      if (node.dependencies.length === 0) this.#makeReady(node.index);
    }
    return settled.flatMap(node => this.#countDependents(node.index));
  }

  #countDependents(index: number): ScheduleNote[] {
    const { notes, undecided } = countDependents(index, this.graph, this.#entries);
    this.#toJudge.push(undecided);
    return notes;
  }

  #close(index: number, outcome: SettledStatus, reason: SkipReason | undefined): boolean {
    const entry = this.#entries[index];
    if (!entry || entry.phase === 'settled') return false;
    this.#toJudge.judged(index);
    entry.phase = 'settled';
    entry.outcome = outcome;
    entry.skipReason = reason;
    this.#held.delete(index);
    this.#unsettled--;
    return true;
  }

  #makeReady(index: number): void {
    const entry = this.#entries[index];
    if (!entry) return;
    entry.phase = 'ready';
    if (!this.#held.has(index)) this.#queue.push(index);
  }

  /** Ranks depend on the median only if some sessions have an estimate and some have none. */
  #learn(durationMs: number): void {
    const median = this.#mixed ? this.#durations.add(durationMs) : undefined;
    if (median === undefined) return;
    this.#remaining = this.graph.remainingPaths(median);
    this.#queue.reorder();
  }
}
