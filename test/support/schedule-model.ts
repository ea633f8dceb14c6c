import { expect as fully } from 'vitest';
import { buildGraph, DEFAULT_ESTIMATE_MS } from '../../src/sdk/group/dependency-graph.ts';
import { Schedule } from '../../src/sdk/group/schedule/schedule.ts';
import type { ScheduleNote } from '../../src/sdk/group/schedule/schedule-entry.ts';
import { openEdges } from '../../src/sdk/group/schedule/session-standing.ts';
import { Oracle, type Settlement } from '../../src/sdk/testing/lifecycle/oracle.ts';
import { judge } from './judge.ts';
import { expect } from './light-expect.ts';
import type { DagSession } from './random-dag.ts';

export type Outcome = 'completed' | 'failed' | 'stopped';

/** Drives a Schedule and, beside it, a literal implementation of the specification; compares them after each step. */
export class ScheduleModel {
  readonly schedule: Schedule;
  readonly oracle: Oracle;
  readonly settled = new Map<string, Settlement>();
  /** Taken and not given back: live, as far as the schedule knows. */
  readonly taken = new Set<string>();
  /** Sessions that were live and want to continue, in the order of their requests. */
  readonly reentered: string[] = [];
  readonly #ids: readonly string[];

  constructor(sessions: readonly DagSession[]) {
    this.oracle = new Oracle(sessions);
    this.schedule = new Schedule(buildGraph(sessions));
    this.#ids = sessions.map(session => session.id);
    this.check();
  }

  index(id: string): number {
    return this.#ids.indexOf(id);
  }

  candidates(): string[] {
    const fresh = this.#ids.filter(
      id =>
        !this.settled.has(id) &&
        !this.taken.has(id) &&
        !this.reentered.includes(id) &&
        this.oracle.trigger(id, this.settled) === 'start',
    );
    return this.oracle.order([...fresh, ...this.reentered], this.reentered, DEFAULT_ESTIMATE_MS);
  }

  take(): string | undefined {
    const [expected] = this.candidates();
    const index = this.schedule.take();
    const id = index === undefined ? undefined : this.#ids[index];
    expect(id).toBe(expected);
    if (id !== undefined) {
      if (this.reentered.includes(id)) this.reentered.splice(this.reentered.indexOf(id), 1);
      this.taken.add(id);
      this.schedule.started(this.index(id));
    }
    this.check();
    return id;
  }

  /** The session was live and wants to continue later. */
  reenter(id: string): void {
    this.taken.delete(id);
    this.reentered.push(id);
    this.schedule.giveBack(this.index(id), true);
    this.check();
  }

  settle(id: string, outcome: Outcome): void {
    this.taken.delete(id);
    const notes = judge(this.schedule, this.schedule.settle(this.index(id), outcome));
    this.settled.set(id, { outcome });
    this.#applySkips(notes);
    for (const note of notes) {
      if (note.type !== 'resolved') continue;
      const edge = this.oracle.verdicts(this.#ids[note.index] ?? '', this.settled);
      fully(edge).toContainEqual({ id: this.#ids[note.dependency], verdict: 'satisfied' });
    }
    this.check();
  }

  reopen(ids: readonly string[]): ScheduleNote[] {
    for (const id of ids) this.settled.delete(id);
    const notes = judge(this.schedule, this.schedule.reopen(ids.map(id => this.index(id))));
    this.#applySkips(notes);
    this.check();
    return notes;
  }

  /** Checks that the schedule reports exactly the skips that the specification requires, with the right reason. */
  #applySkips(notes: readonly ScheduleNote[]): void {
    const skips = notes.flatMap(note => (note.type === 'skipped' ? [note] : []));
    const told = new Map(skips.map(skip => [this.#ids[skip.index] ?? '', skip]));
    expect(told.size).toBe(skips.length);
    for (let found = true; found; ) {
      found = false;
      for (const id of this.#ids) {
        if (this.settled.has(id) || this.taken.has(id) || this.reentered.includes(id)) continue;
        if (this.oracle.trigger(id, this.settled) !== 'skip') continue;
        const skip = told.get(id);
        if (!skip) throw new Error(`${id} waits for ever`);
        this.settled.set(id, { outcome: 'skipped', reason: skip.reason });
        found = true;
      }
    }
    for (const [id, skip] of told) {
      const because = skip.because.map(index => this.#ids[index] ?? '');
      expect(this.settled.get(id)).toEqual({ outcome: 'skipped', reason: skip.reason });
      expect(because).not.toEqual([]);
      fully(this.oracle.violated(id, this.settled)).toEqual(fully.arrayContaining(because));
      if (this.oracle.session(id).trigger === 'any') {
        expect(because).toEqual(this.oracle.violated(id, this.settled));
      }
      expect(skip.reason).toBe(this.oracle.reason(because, this.settled));
    }
  }

  check(): void {
    const { schedule, settled } = this;
    expect(schedule.ready).toBe(this.candidates().length);
    expect(schedule.undecided).toBe(0);
    expect(schedule.unsettled).toBe(this.#ids.length - settled.size);
    this.#ids.forEach((id, index) => {
      expect(schedule.outcomeOf(index)).toBe(settled.get(id)?.outcome);
      expect(schedule.skipReasonOf(index)).toBe(settled.get(id)?.reason);
      const open = this.oracle.verdicts(id, settled).filter(({ verdict }) => verdict === 'open');
      const shown = openEdges(this.#ids[index] ?? '', schedule).map(({ session }) => session);
      expect(shown).toEqual(open.map(edge => edge.id));
    });
  }
}
