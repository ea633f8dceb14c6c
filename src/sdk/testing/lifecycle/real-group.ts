import type { ErrorCode } from '../../../../machines/vocabulary.ts';
import { RefusedError } from '../../errors.ts';
import { openSessionGroup } from '../../group/api/create.ts';
import type { SessionGroupOptions } from '../../group/api/options.ts';
import type { GroupEvent } from '../../group/journal/events.ts';
import type { GroupRunner } from '../../group/runner.ts';
import { QuotaGate } from '../../group/schedule/quota-gate.ts';
import type { GroupStore } from '../../group/store/store.ts';
import { memoryProjectGate } from '../../project/project-gate.ts';
import type { Agent } from '../../session/agent.ts';
import type { SimulatedClock } from '../../simulated-clock.ts';
import { flush, pass } from '../flush.ts';
import type { PuppetAgent } from '../puppet-agent.ts';
import type { PuppetAttempt } from '../puppet-attempt.ts';
import { AttemptWatch } from './attempt-watch.ts';
import { spenderIn } from './events.ts';
import { type PuppetResult, RETRY_MS, type Rehearsal } from './rehearsal.ts';
import { heldIn, settledIn } from './sessions.ts';
import type { LifecycleContext, LifecycleStep } from './types.ts';

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

/** A real group, its engines and its puppets: makes the steps of a path happen. */
export abstract class RealGroup {
  readonly clock: SimulatedClock;
  protected readonly options: WorldOptions;
  protected readonly watch = new AttemptWatch();
  /** What the group has told so far, whichever engine ran it. */
  protected readonly told: GroupEvent[] = [];
  /** When the account opens that was closed last, in epoch milliseconds. */
  protected opensAt = 0;
  #group: GroupRunner | undefined;
  #limitUsd: number;

  protected constructor(options: WorldOptions) {
    this.options = options;
    this.clock = options.clock;
    this.#limitUsd = options.rehearsal.limitUsd ?? 0;
  }

  /** How the group stands, as the model says. */
  protected abstract get context(): LifecycleContext;

  get group(): GroupRunner {
    if (!this.#group) throw new Error('no engine runs the group yet');
    return this.#group;
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
    const { pending } = this.clock;
    if (pending === 0) return;
    const whose = this.options.agents ? ': an attempt that has ended clears its own' : '';
    throw new Error(`${pending} ${pending === 1 ? 'timer is' : 'timers are'} left after dispose${whose}`);
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
        return answerOf(group.pauseSession(step.session ?? this.#overOrAny()));
      case 'session.resume':
        return answerOf(group.resumeSession(step.session ?? this.#notHeld()));
      case 'session.send':
        return answerOf(group.send(step.session ?? this.#overOrAny(), 'Go on.'));
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
        await this.#passes(Math.max(this.opensAt - clock.now(), RETRY_MS) + 1);
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
  protected parts() {
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

  protected own(group: GroupRunner): void {
    this.#group = group;
    group.journal$(this.told.at(-1) ? (this.told.at(-1)?.seq ?? 0) + 1 : 0).subscribe({
      next: event => void this.told.push(event),
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
    this.own(await openSessionGroup(group.id, this.parts()));
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
    this.opensAt = this.clock.now() + ms;
    this.puppetOf(id).isLimited(this.opensAt);
  }

  #spendUpTo(share: number): void {
    const spent = this.group.getProgress().totalCostUsd;
    const spender = spenderIn(this.context);
    // A new limit counts from what was spent before it, so the threshold is within the rest, or above all of it.
    if (spender) this.puppetOf(spender).costs(Math.max(0, this.#limitUsd * share - spent));
  }

  #answers({ session, decision = 'allow' }: Extract<LifecycleStep, { type: 'approval.answer' }>) {
    const why = session === undefined ? undefined : this.group.why(session);
    const requestId = why?.kind === 'approval' ? why.requestId : 'never asked';
    return answerOf(this.group.answer(requestId, decision));
  }

  #notHeld(): string {
    const held = heldIn(this.context);
    return this.context.sessions.find(({ id }) => !held.includes(id))?.id ?? held[0] ?? '';
  }

  #overOrAny(): string {
    const [over = this.#notHeld()] = [...settledIn(this.context).keys(), ...heldIn(this.context)];
    return over;
  }

  /** Agents that act by themselves may do so at each timer. */
  async #passes(ms: number): Promise<void> {
    if (this.options.agents) await pass(this.clock, ms);
    else this.clock.advance(ms);
  }

  protected actsItself(id: string): boolean {
    const kind = this.options.rehearsal.sessions.get(id)?.agent.kind ?? '';
    return this.options.agents !== undefined && Object.hasOwn(this.options.agents, kind);
  }
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
