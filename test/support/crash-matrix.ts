import { isLiveGroup, isSettled, isSettledGroup } from '../../machines/vocabulary.ts';
import { RefusedError } from '../../src/sdk/errors.ts';
import { createSessionGroup, openSessionGroup } from '../../src/sdk/group/api/create.ts';
import type { GroupEvent } from '../../src/sdk/group/journal/events.ts';
import { isEvent, type JournalRecord } from '../../src/sdk/group/journal/records.ts';
import type { GroupRunner } from '../../src/sdk/group/runner.ts';
import { QuotaGate } from '../../src/sdk/group/schedule/quota-gate.ts';
import { viewGroup } from '../../src/sdk/group/standing/view.ts';
import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { definitionOf, flushed, ownSlug } from './bench.ts';
import { checkFold } from './control-world.ts';
import { type Act, ADDED, type CrashScenario, withExtra } from './crash-scenarios.ts';
import { diskFull, faultyStore } from './faulty-store.ts';
import { followingClock } from './following-clock.ts';
import { InvariantWatcher } from './invariant-watcher.ts';
import { expect } from './light-expect.ts';
import type { RandomGroup } from './random-group.ts';
import { WatchedAgent } from './watched-agent.ts';

/** What the next engine is asked for first. */
export const REQUESTS = {
  resume: group => group.resume({ wait: false }),
  'resume with a limit': group => group.resume({ maxBudgetUsd: LITTLE, wait: false }),
  pause: group => group.pause({ wait: false }),
  stop: group => group.stop({ wait: false }),
  retry: group => group.retry({ wait: false }),
  run: group => group.run(),
  'update, dry': (group, scenario) => group.update(withExtra(scenario), { dryRun: true }),
  update: (group, scenario) => group.update(withExtra(scenario)),
  'set a limit': group => group.setMaxBudget(MUCH),
  'pause a session': group => group.pauseSession(unsettled(group)),
  'resume a session': group => group.resumeSession(unsettled(group)),
} satisfies Record<string, (group: GroupRunner, scenario: CrashScenario) => Promise<unknown>>;
export type Request = keyof typeof REQUESTS;

/** USD; less than any session spends at first. */
const LITTLE = 0.01;
const MUCH = 50;

/** The first that has not settled. */
function unsettled(group: GroupRunner): string {
  const { sessions } = group.getProgress();
  return (sessions.find(({ status }) => !isSettled(status)) ?? sessions[0])?.id ?? '';
}

/** An engine writes this many records, then dies; its successor is asked this first. */
export interface Death {
  readonly records: number;
  readonly request: Request;
}

/** No account's limit lasts longer. */
const LATER_MS = 9 * 3_600_000;

/** A new limit or an update takes nothing over: the group is as interrupted as before. */
const TAKES_OVER = /^group_(resumed|pausing|paused|stopping|stopped|completed|failed)$/;

/** A scenario's group, whose engine dies after certain records; its watcher sees one group, whichever engine runs it. */
export class DoomedGroup {
  clock = new SimulatedClock();
  readonly agent: WatchedAgent;
  readonly events: GroupEvent[] = [];
  readonly #scenario: CrashScenario;
  readonly #expected: RandomGroup;
  readonly #memory = createMemoryStore();
  readonly #store;
  readonly #conversations = new Map<string, string>();
  #group: GroupRunner | undefined;
  #watcher: InvariantWatcher | undefined;
  #left = Number.POSITIVE_INFINITY;
  #written = 0;
  /** No engine runs it, though its journal says that it is live. */
  #interrupted = false;
  #broken: unknown;

  constructor(scenario: CrashScenario) {
    this.#scenario = scenario;
    const { sessions, config = {} } = scenario;
    const { maxConcurrent = 10 } = config.concurrency ?? {};
    this.#expected = {
      ...{ dag: [], sessions, projects: sessions.length, maxConcurrent, maxPerProject: 1 },
      config: { ...config },
    };
    this.#store = faultyStore(record => this.#write(record), this.#memory);
    this.agent = new WatchedAgent(followingClock(() => this.clock));
  }

  get group(): GroupRunner {
    if (!this.#group) throw new Error('no engine runs the group yet');
    return this.#group;
  }

  /** Lives through these deaths to the end; returns the number of records that each engine has written. */
  async live(deaths: readonly Death[]): Promise<number[]> {
    const written: number[] = [];
    this.#left = deaths[0]?.records ?? Number.POSITIVE_INFINITY;
    const definition = { ...definitionOf(this.#scenario.sessions, this.#scenario.config), slug: ownSlug() };
    this.#group = await createSessionGroup(definition, this.#options());
    Object.assign(this.#expected, { dag: [...this.#group.group.definition.sessions, ...ADDED] });
    this.#watch();
    await this.#answer(this.group.run(), 0);
    if (this.#status !== 'created') await this.#play([...(this.#scenario.acts ?? [])]);
    await this.#finish();
    for (const [index, { request }] of deaths.entries()) {
      if (!this.#dead) break;
      written.push(this.#written);
      await this.#reopen(deaths[index + 1]?.records ?? Number.POSITIVE_INFINITY);
      await this.#request(request);
      await this.#finish();
    }
    if (!this.#dead) this.#checkEnds();
    return [...written, this.#written];
  }

  get #dead(): boolean {
    return this.#left === 0;
  }

  get #status() {
    return this.group.getProgress().status;
  }

  #options() {
    const { clock } = this;
    return {
      ...{ clock, store: this.#store, agents: { scripted: this.agent }, env: {}, attended: true },
      ...{ quota: new QuotaGate(clock, () => 0), projects: memoryProjectGate() },
    };
  }

  #write(record: JournalRecord): void {
    if (this.#left === 0) throw diskFull();
    this.#left--;
    this.#written++;
    if (isEvent(record)) this.events.push(record);
    if (record.type === 'session_started' || record.type === 'session_resumed') {
      const known = this.#conversations.get(record.sessionId);
      const broken = known !== undefined && known !== record.agentSessionId;
      if (broken) this.#broken ??= new Error(`I14: ${record.sessionId} begins another conversation`);
    } else if (TAKES_OVER.test(record.type)) this.#interrupted = false;
  }

  #watch(): void {
    this.#watcher = new InvariantWatcher(this, this.#expected);
    const { onStart } = this.agent;
    this.agent.onStart = spec => {
      onStart(spec);
      const known = this.#conversations.get(spec.sessionId);
      if (known !== undefined && !(spec.conversation.resume && spec.conversation.id === known))
        this.#broken ??= new Error(`I14: ${spec.sessionId} does not go on in ${known}`);
    };
  }

  async #records(): Promise<readonly JournalRecord[]> {
    return (await this.#memory.read(this.group.id)).records;
  }

  async #reopen(records: number): Promise<void> {
    await flushed();
    const before = await this.#records();
    for (const record of before) {
      if (record.type !== '_conversation') continue;
      const started = before.findLast(
        one =>
          (one.type === 'session_started' || one.type === 'session_resumed') &&
          one.sessionId === record.sessionId,
      );
      if (started?.type === 'session_started' || started?.type === 'session_resumed')
        this.#conversations.set(record.sessionId, started.agentSessionId);
    }
    this.#memory.crash(this.group.id);
    this.clock = new SimulatedClock(this.clock.now());
    [this.#left, this.#written] = [records, 0];
    this.#interrupted = true;
    this.#group = await openSessionGroup(this.group.id, this.#options());
    this.#interrupted &&= isLiveGroup(this.#status);
    if (this.#dead) return;
    this.#watcher?.reopened();
    await checkFold(this.group, this.#memory);
  }

  /** The first request to the next engine: a refused one changes nothing. */
  async #request(name: Request): Promise<void> {
    if (this.#dead) return;
    const before = await this.#standing();
    const limit = { resume: undefined, 'resume with a limit': LITTLE, 'set a limit': MUCH }[name as string];
    const { budget = {} } = this.#expected.config;
    if (limit !== undefined) this.#limit(limit);
    const answer = await this.#answer(
      REQUESTS[name](this.group, this.#scenario),
      name === 'run' ? 0 : undefined,
    );
    if (this.#dead) return;
    if (answer !== 'accepted') this.#expected.config.budget = budget;
    if (answer !== 'accepted' || name === 'update, dry')
      expect(await this.#standing(), `I15: ${name} was ${answer}`).toEqual(before);
    this.#watcher?.check();
    await checkFold(this.group, this.#memory);
  }

  #limit(maxBudgetUsd: number | 'none'): void {
    this.#expected.config.budget = { ...this.#expected.config.budget, maxBudgetUsd };
  }

  async #standing() {
    const { group } = this;
    const why = group.getProgress().sessions.map(({ id }) => group.why(id));
    const [records, state] = [(await this.#records()).length, group.getSnapshot()?.value];
    return { records, state, why, whole: group.why(), progress: group.getProgress() };
  }

  /** Until it rests, its engine dies, or there is no engine to do anything. */
  async #play(acts: Act[] = []): Promise<void> {
    const from = this.clock.now();
    for (let steps = 0; ; steps++) {
      await flushed();
      if (this.#dead) return;
      this.#check();
      const rests = this.#status === 'paused' || isSettledGroup(this.#status);
      if (rests) await this.#checkRest();
      const [act] = acts;
      const due = act && (act.at === 'rest' ? rests : !rests && this.#due(from + act.at));
      if (due) {
        acts.shift();
        if (act.limit !== undefined) this.#limit(act.limit);
        await this.#answer(act.does(this.group));
      } else if (rests || this.#interrupted) return;
      else if (!(await this.#approve())) {
        expect(this.clock.step(), 'I13: something is left to wait for').toBe(true);
        expect(steps, 'I13: the group never rests').toBeLessThan(500);
      }
    }
  }

  /** Nothing else happens before; then it is that time. */
  #due(at: number): boolean {
    if ((this.clock.nextAt ?? Number.POSITIVE_INFINITY) <= at) return false;
    if (at > this.clock.now()) this.clock.advance(at - this.clock.now());
    return true;
  }

  #check(): void {
    if (this.#broken) throw this.#broken;
    this.#watcher?.check();
  }

  async #checkRest(): Promise<void> {
    this.#watcher?.checkRest();
    await checkFold(this.group, this.#memory);
    if (this.#status !== 'paused') return;
    const saved = viewGroup(await this.#memory.read(this.group.id), this.clock).progress;
    for (const { id, why } of this.group.getProgress().sessions)
      expect(saved.sessions.find(one => one.id === id)?.why, `${id}, seen from the journal`).toEqual(why);
  }

  async #approve(): Promise<boolean> {
    for (const { id, status } of this.group.getProgress().sessions) {
      const why = status === 'awaiting_approval' ? this.group.why(id) : undefined;
      if (why?.kind !== 'approval') continue;
      expect(await this.#answer(this.group.answer(why.requestId, 'allow')), 'an answer').toBe('accepted');
      return true;
    }
    return false;
  }

  /** Somebody goes on with it until nothing is left to do. */
  async #finish(): Promise<void> {
    for (let rounds = 0; ; rounds++) {
      expect(rounds, 'I13: the group never settles').toBeLessThan(30);
      if (!this.#interrupted && this.#status !== 'created') await this.#play();
      if (this.#dead) return;
      const status = this.#status;
      const { group } = this;
      if (status === 'created') await this.#answer(group.run(), 0);
      else if (status === 'paused' || this.#interrupted) await this.#resume(status);
      else {
        const sessions = Object.values(group.getResult().sessions);
        if (!sessions.some(one => one.status === 'stopped' || one.reason === 'group_stopped')) return;
        const answer = await this.#answer(group.retry({ wait: false }));
        if (this.#dead || answer === 'accepted') continue;
        expect(answer, 'a retry').toBe('budget_exhausted');
        this.#limit('none');
        await this.#accepted(group.setMaxBudget('none'), status);
      }
    }
  }

  async #resume(status: string): Promise<void> {
    const { group } = this;
    if (!this.#interrupted) await this.#release();
    if (group.getResult().reason === 'quota') this.clock.advance(LATER_MS);
    if (this.#dead) return;
    const before = await this.#standing();
    const answer = await this.#answer(group.resume({ wait: false }));
    if (answer !== 'budget_exhausted')
      expect(this.#dead ? 'accepted' : answer, `resume, ${status}`).toBe('accepted');
    if (answer !== 'budget_exhausted' || this.#dead) return;
    expect(await this.#standing(), 'I15: a refused resume').toEqual(before);
    this.#limit('none');
    await this.#accepted(group.resume({ maxBudgetUsd: 'none', wait: false }), status);
  }

  async #release(): Promise<void> {
    for (const { id } of this.group.getProgress().sessions) {
      const why = this.group.why(id);
      if (why?.kind === 'paused' && why.reason === 'held')
        await this.#accepted(this.group.resumeSession(id), id);
    }
  }

  async #accepted(request: Promise<unknown>, what: string): Promise<void> {
    const answer = await this.#answer(request);
    if (!this.#dead) expect(answer, `a request, ${what}`).toBe('accepted');
  }

  /** Whether a request was accepted, or the code with which it was refused (I15). */
  async #answer(request: Promise<unknown>, most = 100_000): Promise<string> {
    let answer = 'accepted';
    let answered = false;
    request.then(
      () => {
        answered = true;
      },
      error => {
        answered = true;
        answer = error instanceof RefusedError ? error.code : `no refusal: ${error}`;
      },
    );
    await flushed();
    // A new definition looks at its projects first.
    for (let turns = 0; !answered && turns < most; turns++) await new Promise(setImmediate);
    if (most > 0) expect(answered, 'I15: it is answered').toBe(true);
    if (!this.#dead) expect(answer.startsWith('no refusal'), answer).toBe(false);
    return answer;
  }

  #checkEnds(): void {
    const ended = Object.entries(this.group.getResult().sessions).map(([id, { status }]) => [id, status]);
    const expected = ended.map(([id, status = '']) => {
      const end = this.#scenario.ends[id as string] ?? 'completed';
      return [id, end === '*' ? status : end];
    });
    expect(Object.fromEntries(ended), 'how it ends').toEqual(Object.fromEntries(expected));
  }
}
