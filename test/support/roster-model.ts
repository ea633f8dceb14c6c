import type { YieldReason } from '../../machines/contract.ts';
import { buildGraph } from '../../src/sdk/group/dependency-graph.ts';
import { Roster } from '../../src/sdk/group/schedule/roster.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import { mayBeCompleted, Oracle, type Settlement } from '../../src/sdk/testing/lifecycle/oracle.ts';
import { UNLIMITED } from './bare-group.ts';
import { judgeRoster } from './judge.ts';
import { expect } from './light-expect.ts';
import type { DagSession } from './random-dag.ts';

export interface RosterSetup {
  readonly sessions: readonly DagSession[];
  readonly maxConcurrent: number;
  readonly maxPerProject: number;
  /** Number of projects that the sessions are spread over. */
  readonly projects: number;
  readonly persistent?: boolean;
}

type Play = 'live' | 'retry' | 'quota' | 'paused' | 'queued';

/** Drives a Roster as the group's chart would, tracking independently which sessions are live or may be, and where. */
export class RosterModel {
  roster: Roster;
  readonly setup: RosterSetup;
  readonly oracle: Oracle;
  readonly gate = memoryProjectGate();
  readonly play = new Map<string, Play>();
  readonly held = new Set<string>();
  readonly settled = new Map<string, Settlement>();
  accountOpen = true;

  constructor(setup: RosterSetup) {
    this.setup = setup;
    const { sessions, maxConcurrent, maxPerProject, persistent } = setup;
    this.oracle = new Oracle(sessions);
    this.roster = new Roster({
      graph: buildGraph(sessions),
      concurrency: { maxConcurrent, maxPerProject, pauseOnError: true, errorThreshold: 1_000 },
      budget: UNLIMITED,
      quota: { closedUntil: undefined, tooLong: false },
      gates: {
        enterProject: (id, project) => this.gate.tryEnter(project, maxPerProject, id),
        leaveProject: (id, project) => this.gate.leave(project, id),
        isAccountOpen: () => this.accountOpen,
      },
      projectOf: id => this.projectOf(id),
      inputOf: id => {
        throw new Error(`no input for ${id}`);
      },
      now: () => 0,
      ...(persistent ? { persistent } : {}),
    });
    this.check();
  }

  projectOf(id: string): string {
    return `p${Number(id.slice(1)) % this.setup.projects}`;
  }

  in(...plays: Play[]): string[] {
    return [...this.play].filter(([, play]) => plays.includes(play)).map(([id]) => id);
  }

  admit(): string[] {
    this.roster = this.roster.writable();
    const admitted: string[] = [];
    for (let tries = 0; this.roster.ready > 0 && this.roster.live < this.setup.maxConcurrent; tries++) {
      expect(tries).toBeLessThanOrEqual(this.setup.sessions.length); // SLOTS-3
      const { nextIsFresh } = this.roster;
      this.roster.admit();
      const next = this.roster.admitted;
      if (!next) continue;
      expect(next.fresh).toBe(nextIsFresh);
      expect(this.play.get(next.id)).toBe(next.fresh ? undefined : 'queued');
      expect(this.held.has(next.id)).toBe(false);
      expect(this.settled.has(next.id)).toBe(false); // I4
      if (next.fresh) expect(this.oracle.trigger(next.id, this.settled)).toBe('start'); // I2
      this.play.set(next.id, 'live');
      admitted.push(next.id);
    }
    if (this.roster.ready > 0) expect(this.roster.live).toBe(this.setup.maxConcurrent);
    this.check();
    return admitted;
  }

  yields(id: string, reason: Exclude<YieldReason, 'continue'>): void {
    this.#change(roster => roster.park(id, reason));
    this.play.set(id, reason === 'pause' ? 'paused' : reason);
    this.check();
  }

  wantsOn(id: string): void {
    this.#change(roster => roster.requeue(id));
    this.play.set(id, 'queued');
    this.check();
  }

  hold(id: string): void {
    this.#change(roster => roster.hold(id));
    this.held.add(id);
    this.check();
  }

  release(id: string): void {
    this.#change(roster => roster.release(id));
    this.held.delete(id);
    this.check();
  }

  /** Those that have not started. */
  get fresh(): string[] {
    return this.setup.sessions.flatMap(({ id }) => (this.play.has(id) || this.settled.has(id) ? [] : id));
  }

  settle(id: string, outcome: 'completed' | 'failed' | 'stopped'): void {
    this.#change(roster => roster.settle(id, outcome));
    this.play.delete(id);
    this.held.delete(id);
    this.settled.set(id, { outcome });
    this.#readSkips();
    this.check();
  }

  reconsider(): void {
    this.#change(roster => roster.reconsider());
    this.check();
  }

  retry(ids?: readonly string[]): void {
    this.#change(roster => roster.reopen(ids, false));
    for (const id of this.roster.reopened?.ids ?? []) this.settled.delete(id);
    this.#readSkips();
    this.check();
  }

  #change(change: (roster: Roster) => void): void {
    this.roster = this.roster.writable();
    change(this.roster);
    judgeRoster(this.roster);
  }

  #readSkips(): void {
    for (const note of this.roster.takeNotes()) {
      if (note.type !== 'skipped') continue;
      const id = this.setup.sessions[note.index]?.id ?? '';
      expect(this.settled.has(id)).toBe(false);
      this.settled.set(id, { outcome: 'skipped', reason: note.reason });
      this.held.delete(id);
    }
  }

  check(): void {
    const { roster, setup } = this;
    const live = this.in('live');
    expect(roster.live).toBe(live.length); // SLOTS-1
    expect(roster.live).toBeLessThanOrEqual(setup.maxConcurrent); // I3
    expect(roster.inPlay).toBe(this.play.size);
    expect(roster.unsettled).toBe(setup.sessions.length - this.settled.size);
    expect([...roster.actors()].sort()).toEqual([...this.play.keys()].sort());
    expect(roster.unsettled === 0 && roster.unsuccessful === 0).toBe(
      this.settled.size === setup.sessions.length && mayBeCompleted(setup.sessions, this.settled), // I5
    );
    for (const { id } of setup.sessions) {
      expect(roster.isPausable(id)).toBe(!this.settled.has(id) && !this.held.has(id));
    }
    for (let project = 0; project < setup.projects; project++) {
      const inside = live.filter(id => this.projectOf(id) === `p${project}`);
      expect(inside.length).toBeLessThanOrEqual(setup.maxPerProject); // I3
      expect(roster.admissions.holdersOf(`p${project}`).sort()).toEqual(inside.sort()); // SLOTS-2
    }
    for (const { id } of setup.sessions) this.#checkWait(id, live);
  }

  /** I13: a session that doesn't continue has a true wait reason. */
  #checkWait(id: string, live: readonly string[]): void {
    const { roster, setup } = this;
    const wait = roster.waitOf(id);
    const play = this.play.get(id);
    if (this.settled.has(id) || play === 'live') expect(wait).toBeUndefined();
    else if (this.held.has(id)) expect(wait).toBe('held');
    else if (play === undefined && this.oracle.trigger(id, this.settled) === 'wait') {
      expect(wait).toBe('dependency');
    } else if (play === undefined || play === 'queued') {
      expect(['slot', 'project', 'account']).toContain(wait);
      if (wait === 'project') {
        // It is full, or a candidate that only waits for a slot will fill it.
        const sharing = setup.sessions.filter(other => this.projectOf(other.id) === this.projectOf(id));
        const ahead = sharing.filter(other => live.includes(other.id) || roster.waitOf(other.id) === 'slot');
        expect(ahead.length).toBeGreaterThanOrEqual(setup.maxPerProject);
      }
    } else expect(wait).toBeUndefined();
  }
}
