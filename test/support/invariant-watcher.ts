import { isSettled } from '../../machines/vocabulary.ts';
import type { GroupProgress } from '../../src/sdk/group/progress/progress.ts';
import type { AttemptSpec } from '../../src/sdk/session/agent.ts';
import { mayBeCompleted, Oracle, type Settlement } from '../../src/sdk/testing/lifecycle/oracle.ts';
import type { Bench } from './bench.ts';
import { expect } from './light-expect.ts';
import type { RandomGroup } from './random-group.ts';

const FINISHED: ReadonlySet<string> = new Set(['completed', 'failed', 'stopped']);

/** What it looks at; another engine may run the group after a crash. */
export type WatchedGroup = Pick<Bench, 'agent' | 'clock' | 'events' | 'group'>;

/**
 * Watches a group from outside: the attempts that its agents see, and what it publishes. Checks both against the
 * definition only, never against the engine's state.
 */
export class InvariantWatcher {
  readonly #bench: WatchedGroup;
  readonly #group: RandomGroup;
  readonly #oracle: Oracle;
  readonly #settled = new Map<string, Settlement>();
  readonly #started = new Set<string>();
  /** The dependencies that were announced as resolved, by session. */
  readonly #resolved = new Map<string, Set<string>>();
  readonly #costs = new Map<string, number>();
  /** What these spent last died with their engine, unwritten. */
  readonly #unsure = new Set<string>();
  #reopened = false;
  #seen = 0;
  #broken: unknown;
  /** Lets a test verify that something was observed. */
  starts = 0;

  constructor(bench: WatchedGroup, group: RandomGroup) {
    this.#bench = bench;
    this.#group = group;
    this.#oracle = new Oracle(group.dag);
    bench.agent.onStart = spec => {
      try {
        this.#starting(spec);
      } catch (error) {
        this.#broken ??= error; // thrown here, it would look like a fault of the agent
      }
    };
  }

  /** I1, I2, I3, I4, I6, I9, checked at the moment an attempt starts. */
  #starting({ sessionId: id, cwd, maxBudgetUsd }: AttemptSpec): void {
    this.starts++;
    this.#readEvents();
    const { group, agent } = this.#bench;
    const progress = group.getProgress();
    expect(progress.status, `I6: ${id} starts`).toBe('running');
    expect(this.#settled.has(id), `I4: ${id} starts`).toBe(false);
    expect(agent.live.has(id), `I1: ${id} starts`).toBe(false);
    expect(agent.live.size, 'I3: slots').toBeLessThan(this.#group.maxConcurrent);
    const inside = [...agent.live.values()].filter(log => log.spec.cwd === cwd);
    expect(inside.length, 'I3: project').toBeLessThan(this.#group.maxPerProject);
    if (!this.#started.has(id)) {
      expect(this.#oracle.trigger(id, this.#settled), `I2: ${id}`).toBe('start');
      this.#checkResolved(id);
    }
    this.#started.add(id);
    const { maxBudgetUsd: limit, onBudgetExceeded } = this.#group.config.budget ?? {};
    if (typeof limit === 'number' && onBudgetExceeded !== 'warn') {
      expect(progress.totalCostUsd, 'I9').toBeLessThan(limit);
      expect(maxBudgetUsd ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(
        limit - progress.totalCostUsd + 1e-6,
      );
    }
  }

  /** All of its dependencies have been announced, or with trigger `any` one of them. */
  #checkResolved(id: string): void {
    const satisfied = this.#oracle
      .verdicts(id, this.#settled)
      .filter(({ verdict }) => verdict === 'satisfied');
    const told = satisfied.filter(edge => this.#resolved.get(id)?.has(edge.id));
    const any = this.#oracle.session(id).trigger === 'any';
    expect(told.length, `${id} starts: dependencies announced`).toBe(
      any ? Math.min(1, satisfied.length) : satisfied.length,
    );
  }

  /** Once, until one of the two runs again. */
  #resolve(id: string, dependency: string): void {
    const known = this.#resolved.get(id) ?? new Set();
    expect(known.has(dependency), `${id} is told twice of ${dependency}`).toBe(false);
    expect(this.#settled.has(dependency), `${id} is told of ${dependency}, which has not settled`).toBe(true);
    this.#resolved.set(id, known.add(dependency));
  }

  /** Another engine has opened the group; the agents died with the one before it. */
  reopened(): void {
    const { agent, group } = this.#bench;
    this.#reopened = true;
    agent.live.clear();
    for (const { id, costUsd } of group.getProgress().sessions) {
      if (Math.round(costUsd * 1e6) < (agent.spent.get(id) ?? 0)) this.#unsure.add(id);
    }
    this.check();
  }

  /** Call it after each step of the clock. */
  check(): void {
    if (this.#broken) throw this.#broken;
    this.#readEvents();
    const progress = this.#bench.group.getProgress();
    const { live } = this.#bench.agent;
    if (progress.status === 'paused' || FINISHED.has(progress.status)) expect(live.size, 'I7').toBe(0);
    let total = 0;
    for (const session of progress.sessions) {
      const cost = Math.round(session.costUsd * 1e6);
      total += cost;
      expect(cost, `I8: ${session.id}`).toBeGreaterThanOrEqual(this.#costs.get(session.id) ?? 0);
      if (isSettled(session.status)) this.#costs.set(session.id, cost);
      const settled = this.#settled.get(session.id);
      expect(isSettled(session.status) ? session.status : undefined, `I4: ${session.id}`).toBe(
        settled?.outcome,
      );
      if (settled) expect(live.has(session.id), `I7: ${session.id} settled`).toBe(false);
    }
    expect(Math.round(progress.totalCostUsd * 1e6), 'I8: sum').toBe(total);
  }

  /** I5, I7, I8, I13: the state at rest. */
  checkRest(): void {
    this.check();
    const { group, agent, clock } = this.#bench;
    const progress = group.getProgress();
    expect(clock.pending, 'timers at rest').toBe(0);
    const done =
      this.#settled.size === progress.totalSessions && mayBeCompleted(this.#dagOf(progress), this.#settled);
    // Where its engine died before it said so, the next one may be asked to pause or to stop.
    const asked = this.#reopened && ['paused', 'stopped'].includes(progress.status);
    if (!(done && asked)) expect(progress.status === 'completed', 'I5').toBe(done);
    for (const [id, micro] of agent.spent) {
      const session = progress.sessions.find(one => one.id === id);
      const cost = Math.round((session?.costUsd ?? 0) * 1e6);
      if (this.#unsure.has(id)) expect(cost, `I8: ${id}`).toBeLessThanOrEqual(micro);
      else expect(cost, `I8: ${id}`).toBe(micro);
    }
    if (progress.status !== 'paused') {
      this.#checkAllSettled(progress);
      return;
    }
    expect(group.why(), 'I13: the group').toBeDefined();
    for (const { id, status } of progress.sessions) {
      if (isSettled(status)) continue;
      expect(group.why(id), `I13: ${id} is ${status}`).toBeDefined();
      if (this.#started.has(id)) expect(status, `I13: ${id} is in play in a paused group`).toBe('paused');
      else expect(this.#oracle.trigger(id, this.#settled), `I13: ${id} can never start`).not.toBe('skip');
    }
  }

  /** The sessions of the definition in force: an update may add some. */
  #dagOf({ sessions }: GroupProgress) {
    const ids = new Set(sessions.map(({ id }) => id));
    return this.#group.dag.filter(({ id }) => ids.has(id));
  }

  #checkAllSettled(progress: GroupProgress): void {
    expect(FINISHED.has(progress.status), `I13: ends ${progress.status}`).toBe(true);
    expect(this.#settled.size).toBe(progress.totalSessions);
    if (progress.status === 'stopped') return;
    // Sessions were only skipped if they couldn't run, and for the reported reason.
    for (const [id, { outcome, reason }] of this.#settled) {
      if (outcome !== 'skipped') continue;
      expect(this.#oracle.trigger(id, this.#settled), `I2: ${id} was skipped`).toBe('skip');
      const because = this.#oracle.violated(id, this.#settled);
      if (reason === 'upstream_failed') expect(this.#oracle.reason(because, this.#settled)).toBe(reason);
    }
  }

  #readEvents(): void {
    const { events } = this.#bench;
    for (; this.#seen < events.length; this.#seen++) {
      const event = events[this.#seen];
      expect(event?.seq, 'I11').toBe(this.#seen);
      if (event?.type === 'group_retried') for (const id of event.sessions) this.#reopen(id);
      if (event?.type === 'group_updated') for (const id of event.changed) this.#resolved.delete(id);
      if (event?.type === 'dependency_resolved') this.#resolve(event.sessionId, event.dependency);
      if (event?.type === 'session_completed') this.#settle(event.sessionId, { outcome: 'completed' });
      else if (event?.type === 'session_failed') this.#settle(event.sessionId, { outcome: 'failed' });
      else if (event?.type === 'session_stopped') this.#settle(event.sessionId, { outcome: 'stopped' });
      else if (event?.type === 'session_skipped') {
        this.#settle(event.sessionId, { outcome: 'skipped', reason: event.reason });
      }
    }
  }

  #reopen(id: string): void {
    this.#settled.delete(id);
    this.#started.delete(id);
    this.#resolved.delete(id);
    for (const known of this.#resolved.values()) known.delete(id);
  }

  #settle(id: string, settlement: Settlement): void {
    expect(this.#settled.has(id), `I4: ${id} settles`).toBe(false);
    this.#settled.set(id, settlement);
  }
}
