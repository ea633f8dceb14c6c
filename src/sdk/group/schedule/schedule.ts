import type { SettledStatus, SkipReason } from '../../../../machines/vocabulary.ts';
import { DEFAULT_ESTIMATE_MS, type DependencyGraph, type Edge, type GraphNode } from '../dependency-graph.ts';
import { Durations } from './durations.ts';
import { ReadyQueue } from './ready-queue.ts';
import { type Entry, isSatisfied, newEntry } from './schedule-entry.ts';
import type { ScheduleNote, SessionSkip } from './schedule-note.ts';

/**
 * Which sessions may start, and in which order.
 *
 * SCHEDULE-1 a session is ready exactly when its trigger is satisfied and it is neither taken nor settled (I2).
 * SCHEDULE-2 settling costs O(out-degree); making ready and taking cost O(log n).
 * SCHEDULE-3 an edge is evaluated once, when its upstream settles; skips cascade at once, so no session waits forever.
 * SCHEDULE-4 a new graph doesn't affect settled or taken sessions; those that haven't started are reevaluated.
 */
export class Schedule {
  readonly graph: DependencyGraph;
  readonly #entries: Entry[];
  readonly #queue: ReadyQueue;
  #remaining: Float64Array;
  #turn = 0;
  #left: number;
  readonly #durations = new Durations();
  readonly #mixed: boolean;

  constructor(graph: DependencyGraph, from?: Schedule) {
    this.graph = graph;
    const estimated = graph.nodes.filter(node => node.session.estimate !== undefined).length;
    this.#mixed = estimated > 0 && estimated < graph.size;
    this.#remaining = from ? from.#remaining : graph.remainingPaths(DEFAULT_ESTIMATE_MS);
    this.#entries = from ? from.#entries.map(entry => ({ ...entry })) : graph.nodes.map(newEntry);
    this.#queue = this.newQueue();
    this.#left = from ? from.#left : graph.size;
    this.#turn = from ? from.#turn : 0;
    if (from) for (const index of from.#queue.values()) this.#queue.push(index);
    else for (const node of graph.nodes) if (node.dependencies.length === 0) this.#makeReady(node.index);
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

  get left(): number {
    return this.#left;
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

  isTaken(index: number): boolean {
    return this.#entries[index]?.phase === 'taken';
  }

  /** The ids of upstream sessions that haven't settled. */
  openDependencies(id: string): string[] {
    const edges = this.graph.node(id)?.dependencies ?? [];
    return edges.flatMap(({ to }) => (this.#entries[to]?.outcome === undefined ? [this.idOf(to)] : []));
  }

  idOf(index: number): string {
    return this.graph.nodes[index]?.id ?? '';
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
    if (entry?.phase === 'ready' || entry?.phase === 'waiting') entry.phase = 'taken';
    return wasReady;
  }

  /** A session has started: if it is queued again later, it gets a new turn. */
  started(index: number): void {
    const entry = this.#entries[index];
    if (entry) entry.reentry = 0;
  }

  settle(index: number, outcome: SettledStatus, durationMs?: number): ScheduleNote[] {
    if (durationMs !== undefined) this.#learn(durationMs);
    const notes: ScheduleNote[] = [];
    if (this.#close(index, outcome, undefined)) this.#cascade([index], notes);
    return notes;
  }

  /** Skips every session that hasn't started. */
  skipWaiting(reason: SkipReason): SessionSkip[] {
    const skips: SessionSkip[] = [];
    this.#entries.forEach((entry, index) => {
      if (entry.phase === 'waiting' || (entry.phase === 'ready' && entry.reentry === 0)) {
        skips.push({ index, reason, because: [] });
        this.#close(index, 'skipped', reason);
      }
    });
    const kept = this.#queue.values().filter(index => this.#entries[index]?.phase === 'ready');
    this.#queue.clear();
    for (const index of kept) this.#queue.push(index);
    return skips;
  }

  /** Restores the settled sessions, by id, and evaluates their edges. */
  restore(
    settled: ReadonlyMap<string, { outcome: SettledStatus; reason: SkipReason | undefined }>,
  ): ScheduleNote[] {
    for (const [id, { outcome, reason }] of settled) {
      const index = this.graph.indexOf(id);
      if (index !== undefined) this.#close(index, outcome, reason);
    }
    const ready = this.#queue.values().filter(index => this.#entries[index]?.phase === 'ready');
    this.#queue.clear();
    for (const index of ready) this.#queue.push(index);
    return this.reopen([]);
  }

  /**
   * Makes settled sessions wait again and reevaluates every edge, so that a session that hasn't started waits for one
   * that runs again. Reports resolved dependencies only for reopened sessions.
   */
  reopen(indices: readonly number[]): ScheduleNote[] {
    const opened = new Set<number>();
    for (const index of indices) {
      const entry = this.#entries[index];
      if (entry?.phase !== 'settled') continue;
      opened.add(index);
      this.#left++;
      Object.assign(entry, { phase: 'waiting', outcome: undefined, skipReason: undefined, reentry: 0 });
    }
    return this.#evaluateAll().filter(note => note.type !== 'resolved' || opened.has(note.index));
  }

  /**
   * The same schedule over another graph; sessions are matched by id. Reports resolved dependencies only for
   * the sessions in `fresh`, whose edges are new.
   */
  over(graph: DependencyGraph, fresh: ReadonlySet<string>): { schedule: Schedule; notes: ScheduleNote[] } {
    const schedule = new Schedule(graph);
    const notes = schedule.#continueFrom(this);
    const isFresh = (index: number) => fresh.has(schedule.idOf(index));
    return { schedule, notes: notes.filter(note => note.type !== 'resolved' || isFresh(note.index)) };
  }

  #continueFrom(before: Schedule): ScheduleNote[] {
    this.#turn = before.#turn;
    this.#queue.clear();
    for (const node of this.graph.nodes) {
      const entry = this.#entries[node.index];
      const was = before.#entries[before.graph.indexOf(node.id) ?? -1];
      if (!entry || !was) continue;
      const { phase, outcome, skipReason, reentry } = was;
      const isReentry = phase === 'ready' && reentry !== 0;
      if (phase !== 'settled' && phase !== 'taken' && !isReentry) continue;
      Object.assign(entry, { phase, outcome, skipReason, reentry });
      if (phase === 'settled') this.#left--;
      if (isReentry) this.#queue.push(node.index);
    }
    for (const duration of before.#durations.all) this.#learn(duration);
    return this.#evaluateAll();
  }

  /** Reevaluates every edge to sessions that haven't started. */
  #evaluateAll(): ScheduleNote[] {
    const reentries = this.#queue.values().filter(index => this.#entries[index]?.reentry !== 0);
    this.#queue.clear();
    for (const index of reentries) this.#queue.push(index);
    const settled = this.graph.nodes.filter(node => this.#entries[node.index]?.phase === 'settled');
    for (const node of this.graph.nodes) {
      const entry = this.#entries[node.index];
      if (!entry || (entry.phase !== 'waiting' && (entry.phase !== 'ready' || entry.reentry !== 0))) continue;
      Object.assign(entry, { phase: 'waiting', open: node.dependencies.length, satisfied: 0, violated: 0 });
      if (node.dependencies.length === 0) this.#makeReady(node.index);
    }
    const notes: ScheduleNote[] = [];
    this.#cascade(
      settled.map(node => node.index),
      notes,
    );
    return notes;
  }

  /** Evaluates the edges of settled sessions, then those of sessions skipped as a result, and so on. */
  #cascade(settled: readonly number[], notes: ScheduleNote[]): void {
    const queue = [...settled];
    for (let at = 0; at < queue.length; at++) {
      const node = this.graph.nodes[queue[at] ?? -1];
      const outcome = node && this.#entries[node.index]?.outcome;
      if (!outcome) continue;
      for (const edge of node.dependents) {
        if (this.#evaluate(node, edge, outcome, notes)) queue.push(edge.to);
      }
    }
  }

  #close(index: number, outcome: SettledStatus, reason: SkipReason | undefined): boolean {
    const entry = this.#entries[index];
    if (!entry || entry.phase === 'settled') return false;
    entry.phase = 'settled';
    entry.outcome = outcome;
    entry.skipReason = reason;
    this.#left--;
    return true;
  }

  /** Evaluates an edge. True if its session is skipped; it is then settled, so that no other edge skips it again. */
  #evaluate(upstream: GraphNode, edge: Edge, outcome: SettledStatus, notes: ScheduleNote[]): boolean {
    const entry = this.#entries[edge.to];
    const node = this.graph.nodes[edge.to];
    if (!entry || !node || entry.phase !== 'waiting') return false;
    entry.open--;
    if (isSatisfied(edge, outcome, upstream)) {
      entry.satisfied++;
      notes.push({ type: 'resolved', index: edge.to, dependency: upstream.index });
    } else {
      entry.violated++;
    }
    const any = node.session.trigger === 'any';
    if (any ? entry.satisfied > 0 : entry.open === 0 && entry.violated === 0) {
      this.#makeReady(edge.to);
    } else if (any ? entry.open === 0 : entry.violated > 0) {
      const skip = this.#skip(node);
      notes.push({ type: 'skipped', ...skip });
      return this.#close(skip.index, 'skipped', skip.reason);
    }
    return false;
  }

  #skip(node: GraphNode): SessionSkip {
    const violated = node.dependencies.filter(edge => {
      const outcome = this.#entries[edge.to]?.outcome;
      const upstream = this.graph.nodes[edge.to];
      return outcome !== undefined && upstream && !isSatisfied(edge, outcome, upstream);
    });
    const failed = violated.some(edge => {
      const { outcome, skipReason } = this.#entries[edge.to] ?? {};
      // A session that a stop skipped was still needed.
      return outcome === 'skipped' ? skipReason !== 'not_needed' : outcome !== 'completed';
    });
    return {
      index: node.index,
      reason: failed ? 'upstream_failed' : 'not_needed',
      because: violated.map(edge => edge.to),
    };
  }

  #makeReady(index: number): void {
    const entry = this.#entries[index];
    if (!entry) return;
    entry.phase = 'ready';
    this.#queue.push(index);
  }

  /** Ranks depend on the median only if some sessions have an estimate and some have none. */
  #learn(durationMs: number): void {
    const median = this.#mixed ? this.#durations.add(durationMs) : undefined;
    if (median === undefined) return;
    this.#remaining = this.graph.remainingPaths(median);
    this.#queue.reorder();
  }
}
