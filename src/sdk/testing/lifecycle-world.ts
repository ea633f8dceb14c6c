import { type ActorRefFrom, createActor, type SnapshotFrom } from 'xstate';
import type { ErrorCode } from '../../../machines/vocabulary.ts';
import { RefusedError } from '../errors.ts';
import { createSessionGroup, openSessionGroup } from '../group/api/create.ts';
import type { SessionGroupOptions } from '../group/api/options.ts';
import type { GroupEvent } from '../group/journal/events.ts';
import type { GroupRunner } from '../group/runner.ts';
import { QuotaGate } from '../group/schedule/quota-gate.ts';
import type { GroupStore } from '../group/store/store.ts';
import { memoryProjectGate } from '../project/project-gate.ts';
import type { Agent } from '../session/agent.ts';
import type { SimulatedClock } from '../simulated-clock.ts';
import { AttemptWatch } from './attempt-watch.ts';
import { flush, pass } from './flush.ts';
import { isPossible, spenderIn } from './lifecycle-events.ts';
import { lifecycleModel } from './lifecycle-model.ts';
import { brokenAtRest, brokenByStart, isShownAs } from './lifecycle-promises.ts';
import { idsWith, leafOf, liveIn, statusOf } from './lifecycle-sessions.ts';
import type { LifecycleContext, LifecycleStep } from './lifecycle-types.ts';
import type { PuppetAgent } from './puppet-agent.ts';
import type { PuppetAttempt } from './puppet-attempt.ts';
import { type PuppetResult, RETRY_MS, type Rehearsal } from './rehearsal.ts';

/** Where a group lives: a store, and how its owner dies. */
export interface WorldStore {
  readonly store: GroupStore;
  killOwner(id: string): void;
}

export interface WorldOptions {
  readonly rehearsal: Rehearsal;
  readonly store: WorldStore;
  /** They act by themselves: the model follows what they do. Default: none. */
  readonly agents?: Readonly<Record<string, Agent>>;
  /** By kind; they go on when they are interrupted: the path says how that ends. */
  readonly puppets: ReadonlyMap<string, PuppetAgent>;
  readonly clock: SimulatedClock;
  readonly results?: Readonly<Record<string, PuppetResult>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly inspect?: SessionGroupOptions['inspect'];
}

type Snapshot = SnapshotFrom<typeof lifecycleModel>;

/** Of the event loop, until a session is prepared. */
const MOST_TURNS = 10_000;
/** How long real agents may take for one step of theirs: so many timers of the clock. */
const MOST_TIMERS = 2_000;

/** A real group beside its model: both live through the same events, and must reach the same state. */
export class LifecycleWorld {
  readonly clock: SimulatedClock;
  protected readonly options: WorldOptions;
  protected readonly watch = new AttemptWatch();
  readonly #model: ActorRefFrom<typeof lifecycleModel>;
  readonly #told: GroupEvent[] = [];
  #group: GroupRunner | undefined;
  #limitUsd: number;
  #opensAt = 0;
  /** How much of `told` the model has heard. */
  #followed = 0;

  protected constructor(options: WorldOptions) {
    this.options = options;
    this.clock = options.clock;
    this.#limitUsd = options.rehearsal.limitUsd ?? 0;
    this.#model = createActor(lifecycleModel, { input: options.rehearsal.input }).start();
    this.watch.onStart = spec =>
      brokenByStart(this.state.context, this.watch, spec, this.group.getProgress());
  }

  static async open(options: WorldOptions): Promise<LifecycleWorld> {
    return new LifecycleWorld(options).opened();
  }

  protected async opened(): Promise<this> {
    const { definition, files } = this.options.rehearsal;
    this.#own(await createSessionGroup(definition, { ...this.#parts(), files }));
    await flush();
    this.compare();
    return this;
  }

  /** The state of the model. */
  get state(): Snapshot {
    return this.#model.getSnapshot();
  }

  get group(): GroupRunner {
    if (!this.#group) throw new Error('no engine runs the group yet');
    return this.#group;
  }

  /** Sessions whose attempts have started, each time they did. */
  get started(): readonly string[] {
    return this.watch.started;
  }

  /**
   * Lets it happen to both, and compares them. Resolves with what has happened: nothing, or something else, where agents
   * that act by themselves took another way than planned.
   */
  async happens(step: LifecycleStep): Promise<readonly LifecycleStep[]> {
    if (!isPossible(this.state, step)) return [];
    const before = this.watch.started.length;
    const happened: LifecycleStep[] = [];
    if (this.isAgents(step)) await this.#work();
    else {
      const answer = await this.really(step);
      await this.#calm();
      happened.push(step);
      this.#model.send({ ...step, started: this.watch.started.slice(before) });
      const expected = this.state.context.answer;
      if (answer !== undefined && answer !== expected) {
        throw new Error(`the answer to ${step.type} is ${answer}; expected: ${expected}`);
      }
    }
    happened.push(...this.#follow(before));
    this.compare();
    return happened;
  }

  /** Whether an agent that acts by itself is planned to do this. */
  isAgents(step: LifecycleStep): boolean {
    return 'session' in step && step.session !== undefined && this.#actsItself(step.session);
  }

  /** The first session with a schema of its output waits for the module that validates it. */
  async #calm(): Promise<void> {
    const isPreparing = () => this.group.getProgress().sessions.some(({ status }) => status === 'preparing');
    await flush();
    for (let turns = 0; turns < MOST_TURNS && isPreparing(); turns++) await flush();
  }

  /** @throws Error with everything in which group and model differ, and every promise that is broken. */
  compare(): void {
    const broken = [
      ...this.#differences(),
      ...brokenAtRest(this.state.context, this.watch, this.group.getProgress()),
    ];
    if (broken.length > 0) throw new Error(broken.join('\n'));
  }

  async close(): Promise<void> {
    const closed = this.group.dispose();
    await flush();
    for (const attempt of this.livePuppets()) attempt.yields();
    for (const life of [...this.watch.live.values()]) life.kill();
    let isClosed = false;
    const mark = () => {
      isClosed = true;
    };
    closed.then(mark, mark);
    for (await flush(); !isClosed && this.clock.step(); await flush());
    await closed;
    if (this.clock.pending > 0) throw new Error(`${this.clock.pending} timers are left after dispose`);
  }

  #differences(): string[] {
    const { value, context } = this.state;
    const progress = this.group.getProgress();
    const status = leafOf(value);
    const found: string[] = [];
    if (progress.status !== status) found.push(`the group is ${progress.status}; expected: ${status}`);
    for (const { id, status: shown, skipReason, error } of progress.sessions) {
      const expected = expectedOf(context, id, status);
      const how = error ? ` (${error.code}: ${error.message})` : '';
      if (!isShownAs(shown, expected, context.lost.includes(id))) {
        found.push(`${id} is ${shown}${how}; expected: ${expected}`);
      }
      const reason = context.standing[id]?.skipReason;
      if (skipReason !== reason) found.push(`${id} is skipped (${skipReason}); expected: ${reason}`);
    }
    const [live, expectedLive] = [[...this.watch.live.keys()].sort(), liveIn(context).sort()];
    if (live.join() !== expectedLive.join()) {
      found.push(
        `attempts are live of: ${live.join(', ') || 'none'}; expected: ${expectedLive.join(', ') || 'none'}`,
      );
    }
    const { reason } = this.group.getResult();
    if (status === 'paused' && reason !== context.reason) {
      found.push(`paused (${reason}); expected: ${context.reason}`);
    }
    return found;
  }

  /** Makes it happen to the real group; resolves with the answer to a request. */
  protected async really(step: LifecycleStep): Promise<string | undefined> {
    const { group, clock } = this;
    switch (step.type) {
      case 'run':
      case 'pause':
      case 'resume':
      case 'stop':
      case 'retry':
        return answerOf(group[step.type]());
      case 'integrate':
        return answerOf(group.integrate({ into: 'main' }));
      case 'session.pause':
        return answerOf(group.pauseSession(this.#settledOrAny()));
      case 'session.resume':
        return answerOf(group.resumeSession(this.#anySession()));
      case 'approval.answer':
        return this.#answers(step);
      case 'budget.change':
        this.#limitUsd = group.getProgress().totalCostUsd + (this.options.rehearsal.limitUsd ?? 0);
        return answerOf(group.setMaxBudget(this.#limitUsd));
      case 'budget.warning':
        this.#spendUpTo(this.options.rehearsal.warningThreshold);
        return undefined;
      case 'budget.exceeded':
        this.#spendUpTo(1);
        return undefined;
      case 'session.settled':
        if (step.outcome === 'completed') this.#completes(step.session);
        else if (step.outcome === 'failed') this.#fails(step.session, 'max_turns');
        else this.puppetOf(step.session).yields();
        return undefined;
      case 'session.yielded':
        if (step.reason === 'retry') this.#fails(step.session, 'server_error');
        else if (step.reason === 'quota')
          this.#meetsLimit(step.session, this.options.rehearsal.maxWaitMs / 2);
        else this.puppetOf(step.session).yields();
        return undefined;
      case 'session.asked':
        void this.puppetOf(step.session).asks('Bash', { command: 'make' });
        return undefined;
      case 'session.ready':
        await this.#passes(RETRY_MS);
        return undefined;
      case 'quota.tooLong':
        this.#meetsLimit(step.session, this.options.rehearsal.maxWaitMs * 2);
        return undefined;
      case 'quota.opened':
        // A moment later: sessions that wait for the reset go before those that never started.
        await this.#passes(Math.max(this.#opensAt - clock.now(), RETRY_MS) + 1);
        return undefined;
      case 'agent.unavailable':
        this.#fails(step.session, 'authentication_failed');
        return undefined;
      case 'engine.died':
        await this.#dies();
        return undefined;
      default:
        throw new Error(`nothing makes this happen: ${step.type}`);
    }
  }

  /** Of the session whose attempt is live. */
  protected puppetOf(id: string): PuppetAttempt {
    const attempt = this.livePuppets().find(({ sessionId }) => sessionId === id);
    if (!attempt) throw new Error(`no attempt of ${id} is live`);
    return attempt;
  }

  /** What every engine of the group gets. */
  #parts() {
    const { clock, options } = this;
    const agents = [
      ...Object.entries(Object.fromEntries(options.puppets)),
      ...Object.entries(options.agents ?? {}),
    ];
    return {
      ...{ clock, store: options.store.store, attended: true },
      ...{ quota: new QuotaGate(clock, () => 0), projects: memoryProjectGate() },
      agents: Object.fromEntries(agents.map(([kind, agent]) => [kind, this.watch.watched(agent)])),
      ...(options.env ? { env: options.env } : {}),
      ...(options.inspect ? { inspect: options.inspect } : {}),
    };
  }

  #own(group: GroupRunner): void {
    this.#group = group;
    group.journal$(this.#told.at(-1) ? (this.#told.at(-1)?.seq ?? 0) + 1 : 0).subscribe({
      next: event => void this.#told.push(event),
      error: () => {}, // its engine has died
    });
  }

  /** The engine is gone without a word, and its agents with it; another opens the group. */
  async #dies(): Promise<void> {
    const { group } = this;
    this.options.store.killOwner(group.id);
    group.actor?.stop();
    for (const attempt of this.livePuppets()) attempt.yields();
    for (const life of [...this.watch.live.values()]) life.kill();
    await this.#passes(0);
    await flush();
    await group.dispose().catch(() => {}); // what it would still journal is refused
    this.#own(await openSessionGroup(group.id, this.#parts()));
  }

  protected livePuppets(): PuppetAttempt[] {
    return [...this.options.puppets.values()].flatMap(({ live }) => live);
  }

  #completes(id: string): void {
    const { result = `${id} is done`, output } = this.options.results?.[id] ?? {};
    this.puppetOf(id).completes(result, output);
  }

  #fails(id: string, code: ErrorCode): void {
    this.puppetOf(id).fails(code);
  }

  #meetsLimit(id: string, ms: number): void {
    this.#opensAt = this.clock.now() + ms;
    this.puppetOf(id).isLimited(this.#opensAt);
  }

  #spendUpTo(share: number): void {
    const spent = this.group.getProgress().totalCostUsd;
    const spender = spenderIn(this.state.context);
    // A new limit counts from what was spent before it, so the threshold is within the rest, or above all of it.
    if (spender) this.puppetOf(spender).costs(Math.max(0, this.#limitUsd * share - spent));
  }

  #answers({ session, decision = 'allow' }: Extract<LifecycleStep, { type: 'approval.answer' }>) {
    const why = session === undefined ? undefined : this.group.why(session);
    const requestId = why?.kind === 'approval' ? why.requestId : 'never asked';
    return answerOf(this.group.answer(requestId, decision));
  }

  #anySession(): string {
    return this.state.context.sessions[0]?.id ?? '';
  }

  #settledOrAny(): string {
    const [settled = this.#anySession()] = idsWith(this.state.context, 'completed', 'failed');
    return settled;
  }

  /** Agents that act by themselves may do so at each timer. */
  async #passes(ms: number): Promise<void> {
    if (this.options.agents) await pass(this.clock, ms);
    else this.clock.advance(ms);
  }

  #actsItself(id: string): boolean {
    const kind = this.options.rehearsal.sessions.get(id)?.agent.kind ?? '';
    return this.options.agents !== undefined && Object.hasOwn(this.options.agents, kind);
  }

  /** Until one of the agents that act by themselves has done something that counts. */
  async #work(): Promise<void> {
    const seen = this.#told.length;
    for (let timers = 0; timers < MOST_TIMERS; timers++) {
      await flush();
      if (this.#told.slice(seen).some(event => this.#stepOf(event))) return;
      if (!this.clock.step()) break;
    }
    throw new Error('an agent is live and does nothing: no timer, no report, no end');
  }

  /** Tells the model what the agents that act by themselves have done. */
  #follow(before: number): LifecycleStep[] {
    const events = this.#told.slice(this.#followed);
    this.#followed = this.#told.length;
    const started = this.watch.started.slice(before);
    const steps: LifecycleStep[] = [];
    for (const event of events) {
      const step = this.#stepOf(event);
      if (!step || !isPossible(this.state, step)) continue;
      this.#model.send({ ...step, started });
      steps.push(step);
    }
    return steps;
  }

  /** What an event of the group tells of a session whose agent acts by itself. */
  #stepOf(event: GroupEvent): LifecycleStep | undefined {
    if (event.type === 'budget_exceeded' && this.options.agents) return { type: 'budget.exceeded' };
    const session = 'sessionId' in event ? event.sessionId : undefined;
    if (session === undefined || !this.#actsItself(session)) return undefined;
    switch (event.type) {
      case 'session_completed':
        return { type: 'session.settled', session, outcome: 'completed' };
      case 'session_failed':
        return { type: 'session.settled', session, outcome: 'failed' };
      case 'session_stopped':
        return { type: 'session.settled', session, outcome: 'stopped' };
      case 'session_paused':
        return leafOf(this.state.value) === 'running'
          ? { type: 'agent.unavailable', session }
          : { type: 'session.yielded', session, reason: 'pause' };
      case 'session_retrying':
        return { type: 'session.yielded', session, reason: 'retry' };
      case 'approval_requested':
        return { type: 'session.asked', session };
      case 'quota_limited': {
        this.#opensAt = Date.parse(event.until);
        const isLong = this.#opensAt - this.clock.now() > this.options.rehearsal.maxWaitMs;
        return isLong
          ? { type: 'quota.tooLong', session }
          : { type: 'session.yielded', session, reason: 'quota' };
      }
      default:
        return undefined;
    }
  }
}

function expectedOf(context: LifecycleContext, id: string, group: string): string {
  const status = statusOf(context, id);
  const isLive = liveIn(context).includes(id);
  return isLive && (group === 'pausing' || group === 'stopping') ? 'interrupting' : status;
}

/** The answer to a request; an accepted one may take a while to finish. */
export async function answerOf(request: Promise<unknown>): Promise<string> {
  let answer = 'accepted';
  request.catch(error => {
    answer = error instanceof RefusedError ? error.code : String(error);
  });
  await flush();
  return answer;
}
