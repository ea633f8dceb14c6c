import { type ActorRefFrom, createActor, type SnapshotFrom } from 'xstate';
import { createSessionGroup } from '../../group/api/create.ts';
import type { GroupEvent } from '../../group/journal/events.ts';
import { flush } from '../flush.ts';
import { differences } from './differences.ts';
import { isPossible } from './events.ts';
import { lifecycleModel } from './model.ts';
import { brokenAtRest, brokenByStart } from './promises.ts';
import { RealGroup, type WorldOptions } from './real-group.ts';
import { leafOf } from './sessions.ts';
import { toldStep } from './told-steps.ts';
import type { LifecycleContext, LifecycleStep } from './types.ts';

type Snapshot = SnapshotFrom<typeof lifecycleModel>;

/** Of the event loop, until a session is prepared. */
const MOST_TURNS = 10_000;
/** How long real agents may take for one step of theirs: so many timers of the clock. */
const MOST_TIMERS = 2_000;

/** They name a session, whose agent has no part in them. */
const BY_A_PERSON: ReadonlySet<string> = new Set<LifecycleStep['type']>([
  'approval.answer',
  'session.pause',
  'session.resume',
]);

/** A real group beside its model: both live through the same events, and must reach the same state. */
export class LifecycleWorld extends RealGroup {
  readonly #model: ActorRefFrom<typeof lifecycleModel>;
  /** How much of `told` the model has heard. */
  #followed = 0;
  #answers = 0;

  protected constructor(options: WorldOptions) {
    super(options);
    this.#model = createActor(lifecycleModel, { input: options.rehearsal.input }).start();
    this.watch.onStart = spec =>
      brokenByStart(this.state.context, this.watch, spec, this.group.getProgress());
  }

  static async open(options: WorldOptions): Promise<LifecycleWorld> {
    return new LifecycleWorld(options).opened();
  }

  protected async opened(): Promise<this> {
    const { definition, files } = this.options.rehearsal;
    this.own(await createSessionGroup(definition, { ...this.parts(), files }));
    await flush();
    this.compare();
    return this;
  }

  /** The state of the model. */
  get state(): Snapshot {
    return this.#model.getSnapshot();
  }

  protected get context(): LifecycleContext {
    return this.state.context;
  }

  /**
   * Lets it happen to both, and compares them. Resolves with what has happened: nothing, or something else, where agents
   * that act by themselves took another way than planned.
   */
  async happens(step: LifecycleStep): Promise<readonly LifecycleStep[]> {
    if (!isPossible(this.state, step)) return [];
    const before = this.watch.started.length;
    const happened: LifecycleStep[] = [];
    const asking = this.isAgents(step) ? this.#asking() : undefined;
    if (asking !== undefined) return this.happens(this.#answerTo(asking));
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
    if (BY_A_PERSON.has(step.type)) return false;
    return 'session' in step && step.session !== undefined && this.actsItself(step.session);
  }

  /** A session whose agent acts by itself, and waits for a person's answer. */
  #asking(): string | undefined {
    return this.group
      .getProgress()
      .sessions.find(({ id, status }) => status === 'awaiting_approval' && this.actsItself(id))?.id;
  }

  /** In turn: agents have to cope with both. */
  #answerTo(session: string): LifecycleStep {
    this.#answers++;
    return { type: 'approval.answer', session, decision: this.#answers % 2 === 1 ? 'allow' : 'deny' };
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
      ...brokenAtRest(this.state.context, this.watch, this.group.getProgress()),
      ...differences(this.state, this.group, this.watch),
    ];
    if (broken.length > 0) throw new Error(broken.join('\n'));
  }

  /** Until one of the agents that act by themselves has done something that counts. */
  async #work(): Promise<void> {
    const seen = this.told.length;
    for (let timers = 0; timers < MOST_TIMERS; timers++) {
      await flush();
      if (this.told.slice(seen).some(event => this.#stepOf(event))) return;
      if (!this.clock.step()) break;
    }
    const who = [...this.watch.live.keys()].join(' and ');
    const idle = `attempts of ${who} are live and do nothing: no timer of the clock, no report, no end`;
    throw new Error([...this.watch.broken, idle].join('\n'));
  }

  /** Tells the model what the agents that act by themselves have done. */
  #follow(before: number): LifecycleStep[] {
    const events = this.told.slice(this.#followed);
    this.#followed = this.told.length;
    const started = this.watch.started.slice(before);
    const steps: LifecycleStep[] = [];
    for (const event of events) {
      const step = this.#stepOf(event);
      if (!step || !this.#follows(step)) continue;
      this.#model.send({ ...step, started });
      steps.push(step);
    }
    return steps;
  }

  /**
   * What agents that act by themselves spend is no plan of a path: only the group tells that it is too much. They may also
   * ask for a permission, meet a limit or want a login, although their capabilities don't say so.
   */
  #follows(step: LifecycleStep): boolean {
    const { context, value } = this.state;
    if (step.type === 'budget.exceeded') return context.money !== 'exceeded';
    return isPossible(this.state, step) || (leafOf(value) === 'running' && isSurprise(step));
  }

  /** What an event of the group tells of an agent that acts by itself. */
  #stepOf(event: GroupEvent): LifecycleStep | undefined {
    if (event.type === 'budget_exceeded' && this.options.agents) return { type: 'budget.exceeded' };
    if (!('sessionId' in event) || event.sessionId === undefined) return undefined;
    if (!this.actsItself(event.sessionId)) return undefined;
    if (event.type === 'quota_limited') this.opensAt = Date.parse(event.until);
    return toldStep(event, {
      isRunning: leafOf(this.state.value) === 'running',
      waitsUntil: this.clock.now() + this.options.rehearsal.maxWaitMs,
    });
  }
}

/** What agents can do that don't spend and don't ask, as far as their capabilities say. */
const isSurprise = (step: LifecycleStep): boolean =>
  ['session.asked', 'agent.unavailable', 'quota.tooLong'].includes(step.type) ||
  (step.type === 'session.yielded' && step.reason === 'quota');
