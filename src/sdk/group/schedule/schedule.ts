import type { SettledStatus, SkipReason } from '../../../../machines/vocabulary.ts';
import { DEFAULT_ESTIMATE_MS, type DependencyGraph, type Edge, type GraphNode } from '../dependency-graph.ts';
import { Durations } from './durations.ts';
import { ReadyQueue } from './ready-queue.ts';
import type { ScheduleNote, SessionSkip } from './schedule-note.ts';
import { isSatisfied, newSlot, type Slot } from './slot.ts';

/**
 * Which sessions may start, and in which order.
 *
 * SCHEDULE-1 a session is ready exactly when its trigger is satisfied and it is neither taken nor settled (I2).
 * SCHEDULE-2 settling costs O(out-degree), making ready and taking O(log n).
 * SCHEDULE-3 an edge is judged once, when its upstream settles; a skip cascades at once, so no session waits for ever.
 * SCHEDULE-4 over another graph nothing changes for who has settled or is taken; who has not started is judged anew.
 */
export class Schedule {
  readonly graph: DependencyGraph;
  readonly #slots: Slot[];
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
    this.#slots = from ? from.#slots.map(slot => ({ ...slot })) : graph.nodes.map(newSlot);
    this.#queue = this.newQueue();
    this.#left = from ? from.#left : graph.size;
    this.#turn = from ? from.#turn : 0;
    if (from) for (const index of from.#queue.values()) this.#queue.push(index);
    else for (const node of graph.nodes) if (node.dependencies.length === 0) this.#makeReady(node.index);
  }

  /** A queue with this schedule's order, e.g. for sessions that wait for something else than a slot. */
  newQueue(values: readonly number[] = []): ReadyQueue {
    const queue = new ReadyQueue({
      reentry: index => this.#slots[index]?.reentry ?? 0,
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
    return this.#slots[index]?.outcome;
  }

  skipReasonOf(index: number): SkipReason | undefined {
    return this.#slots[index]?.skipReason;
  }

  isWaiting(index: number): boolean {
    return this.#slots[index]?.phase === 'waiting';
  }

  isTaken(index: number): boolean {
    return this.#slots[index]?.phase === 'taken';
  }

  /** The ids of upstream sessions that have not settled. */
  openDependencies(id: string): string[] {
    const edges = this.graph.node(id)?.dependencies ?? [];
    return edges.flatMap(({ to }) => (this.#slots[to]?.outcome === undefined ? [this.idOf(to)] : []));
  }

  idOf(index: number): string {
    return this.graph.nodes[index]?.id ?? '';
  }

  /** The best candidate; the caller starts it or gives it back. */
  take(): number | undefined {
    const index = this.#queue.pop();
    const slot = index === undefined ? undefined : this.#slots[index];
    if (slot) slot.phase = 'taken';
    return index;
  }

  /** Back into the queue, as a session that never started, or at its turn among those that go on. */
  giveBack(index: number, reentry = false): void {
    const slot = this.#slots[index];
    if (!slot || slot.phase === 'settled') return;
    if (reentry && slot.reentry === 0) slot.reentry = ++this.#turn;
    slot.phase = 'ready';
    this.#queue.push(index);
  }

  /** Takes a session out of the queue, e.g. because it is paused while it waits for a slot; says whether it was in. */
  withdraw(index: number): boolean {
    const slot = this.#slots[index];
    const wasReady = slot?.phase === 'ready';
    if (wasReady) this.#queue.delete(index);
    if (slot?.phase === 'ready' || slot?.phase === 'waiting') slot.phase = 'taken';
    return wasReady;
  }

  /** A session went to work: should it want to go on later, it asks for a new turn. */
  started(index: number): void {
    const slot = this.#slots[index];
    if (slot) slot.reentry = 0;
  }

  settle(index: number, outcome: SettledStatus, durationMs?: number): ScheduleNote[] {
    if (durationMs !== undefined) this.#learn(durationMs);
    const notes: ScheduleNote[] = [];
    if (this.#close(index, outcome, undefined)) this.#cascade([index], notes);
    return notes;
  }

  /** Skips everything that has not started. */
  skipWaiting(reason: SkipReason): SessionSkip[] {
    const skips: SessionSkip[] = [];
    this.#slots.forEach((slot, index) => {
      if (slot.phase === 'waiting' || (slot.phase === 'ready' && slot.reentry === 0)) {
        skips.push({ index, reason, because: [] });
        this.#close(index, 'skipped', reason);
      }
    });
    const kept = this.#queue.values().filter(index => this.#slots[index]?.phase === 'ready');
    this.#queue.clear();
    for (const index of kept) this.#queue.push(index);
    return skips;
  }

  /** Takes over what has settled, by id, as a journal left it, and judges every edge from it. */
  restore(
    settled: ReadonlyMap<string, { outcome: SettledStatus; reason: SkipReason | undefined }>,
  ): ScheduleNote[] {
    for (const [id, { outcome, reason }] of settled) {
      const index = this.graph.indexOf(id);
      if (index !== undefined) this.#close(index, outcome, reason);
    }
    const ready = this.#queue.values().filter(index => this.#slots[index]?.phase === 'ready');
    this.#queue.clear();
    for (const index of ready) this.#queue.push(index);
    return this.reopen([]);
  }

  /**
   * Makes settled sessions wait again and judges every edge anew, so that a session that has not started waits
   * for one that runs again. Tells of resolved dependencies only for sessions that were opened.
   */
  reopen(indices: readonly number[]): ScheduleNote[] {
    const opened = new Set<number>();
    for (const index of indices) {
      const slot = this.#slots[index];
      if (slot?.phase !== 'settled') continue;
      opened.add(index);
      this.#left++;
      Object.assign(slot, { phase: 'waiting', outcome: undefined, skipReason: undefined, reentry: 0 });
    }
    return this.#judgeAll().filter(note => note.type !== 'resolved' || opened.has(note.index));
  }

  /**
   * The same schedule over another graph: sessions are known by their ids. Tells of resolved dependencies only for
   * sessions in `fresh`, those whose edges are new.
   */
  over(graph: DependencyGraph, fresh: ReadonlySet<string>): { schedule: Schedule; notes: ScheduleNote[] } {
    const schedule = new Schedule(graph);
    const notes = schedule.#follow(this);
    const isFresh = (index: number) => fresh.has(schedule.idOf(index));
    return { schedule, notes: notes.filter(note => note.type !== 'resolved' || isFresh(note.index)) };
  }

  #follow(before: Schedule): ScheduleNote[] {
    this.#turn = before.#turn;
    this.#queue.clear();
    for (const node of this.graph.nodes) {
      const slot = this.#slots[node.index];
      const was = before.#slots[before.graph.indexOf(node.id) ?? -1];
      if (!slot || !was) continue;
      const { phase, outcome, skipReason, reentry } = was;
      const goesOn = phase === 'ready' && reentry !== 0;
      if (phase !== 'settled' && phase !== 'taken' && !goesOn) continue;
      Object.assign(slot, { phase, outcome, skipReason, reentry });
      if (phase === 'settled') this.#left--;
      if (goesOn) this.#queue.push(node.index);
    }
    for (const duration of before.#durations.all) this.#learn(duration);
    return this.#judgeAll();
  }

  /** Judges every edge of who has not started, from all that has settled. */
  #judgeAll(): ScheduleNote[] {
    const goingOn = this.#queue.values().filter(index => this.#slots[index]?.reentry !== 0);
    this.#queue.clear();
    for (const index of goingOn) this.#queue.push(index);
    const settled = this.graph.nodes.filter(node => this.#slots[node.index]?.phase === 'settled');
    for (const node of this.graph.nodes) {
      const slot = this.#slots[node.index];
      if (!slot || (slot.phase !== 'waiting' && (slot.phase !== 'ready' || slot.reentry !== 0))) continue;
      Object.assign(slot, { phase: 'waiting', open: node.dependencies.length, satisfied: 0, violated: 0 });
      if (node.dependencies.length === 0) this.#makeReady(node.index);
    }
    const notes: ScheduleNote[] = [];
    this.#cascade(
      settled.map(node => node.index),
      notes,
    );
    return notes;
  }

  /** Judges the edges of settled sessions, then of those that are skipped by that, and so on. */
  #cascade(settled: readonly number[], notes: ScheduleNote[]): void {
    const judging = [...settled];
    for (let at = 0; at < judging.length; at++) {
      const node = this.graph.nodes[judging[at] ?? -1];
      const outcome = node && this.#slots[node.index]?.outcome;
      if (!outcome) continue;
      for (const edge of node.dependents) {
        if (this.#judge(node, edge, outcome, notes)) judging.push(edge.to);
      }
    }
  }

  #close(index: number, outcome: SettledStatus, reason: SkipReason | undefined): boolean {
    const slot = this.#slots[index];
    if (!slot || slot.phase === 'settled') return false;
    slot.phase = 'settled';
    slot.outcome = outcome;
    slot.skipReason = reason;
    this.#left--;
    return true;
  }

  /** True when the edge's session is skipped by it; it is settled then, so that no other edge skips it again. */
  #judge(upstream: GraphNode, edge: Edge, outcome: SettledStatus, notes: ScheduleNote[]): boolean {
    const slot = this.#slots[edge.to];
    const node = this.graph.nodes[edge.to];
    if (!slot || !node || slot.phase !== 'waiting') return false;
    slot.open--;
    if (isSatisfied(edge, outcome, upstream)) {
      slot.satisfied++;
      notes.push({ type: 'resolved', index: edge.to, dependency: upstream.index });
    } else {
      slot.violated++;
    }
    const any = node.session.trigger === 'any';
    if (any ? slot.satisfied > 0 : slot.open === 0 && slot.violated === 0) {
      this.#makeReady(edge.to);
    } else if (any ? slot.open === 0 : slot.violated > 0) {
      const skip = this.#skip(node);
      notes.push({ type: 'skipped', ...skip });
      return this.#close(skip.index, 'skipped', skip.reason);
    }
    return false;
  }

  #skip(node: GraphNode): SessionSkip {
    const violated = node.dependencies.filter(edge => {
      const outcome = this.#slots[edge.to]?.outcome;
      const upstream = this.graph.nodes[edge.to];
      return outcome !== undefined && upstream && !isSatisfied(edge, outcome, upstream);
    });
    const failed = violated.some(edge => {
      const slot = this.#slots[edge.to];
      // What a stop kept from running was needed no less.
      return slot?.outcome === 'skipped' ? slot.skipReason !== 'not_needed' : slot?.outcome !== 'completed';
    });
    return {
      index: node.index,
      reason: failed ? 'upstream_failed' : 'not_needed',
      because: violated.map(edge => edge.to),
    };
  }

  #makeReady(index: number): void {
    const slot = this.#slots[index];
    if (!slot) return;
    slot.phase = 'ready';
    this.#queue.push(index);
  }

  /** Ranks depend on the median only where some sessions have an estimate and some have none. */
  #learn(durationMs: number): void {
    const median = this.#mixed ? this.#durations.add(durationMs) : undefined;
    if (median === undefined) return;
    this.#remaining = this.graph.remainingPaths(median);
    this.#queue.reorder();
  }
}
