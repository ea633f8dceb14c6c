import fc from 'fast-check';
import { isLiveGroup, isSettledGroup } from '../../machines/vocabulary.ts';
import { RefusedError } from '../../src/sdk/errors.ts';
import { createSessionGroup, openSessionGroup } from '../../src/sdk/group/api/create.ts';
import type { SessionGroupOptions } from '../../src/sdk/group/api/options.ts';
import type { GroupEvent } from '../../src/sdk/group/journal/events.ts';
import { foldJournal } from '../../src/sdk/group/journal/fold.ts';
import { isEvent, type JournalRecord } from '../../src/sdk/group/journal/records.ts';
import type { GroupRunner } from '../../src/sdk/group/runner.ts';
import { QuotaGate } from '../../src/sdk/group/schedule/quota-gate.ts';
import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import type { GroupStore } from '../../src/sdk/group/store/store.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { definitionOf, flushed, ownSlug } from './bench.ts';
import { checkFold } from './control-world.ts';
import { diskFull, faultyStore } from './faulty-store.ts';
import { followingClock } from './following-clock.ts';
import { InvariantWatcher } from './invariant-watcher.ts';
import { expect } from './light-expect.ts';
import type { RandomGroup } from './random-group.ts';
import { WatchedAgent } from './watched-agent.ts';

/** The life of an engine: it ends with the record of this number, or earlier, when the group rests. */
interface Life {
  readonly records: number;
  /** What its successor is asked for first. */
  readonly next: 'resume' | 'pause' | 'stop';
}

/** A request after this many steps of the clock, whichever engine lives then. */
interface Interference {
  readonly step: number;
  readonly does: 'pause' | 'hold' | 'release';
  readonly session: number;
}

export interface Fate {
  readonly lives: readonly Life[];
  readonly interferences: readonly Interference[];
}

export const fate: fc.Arbitrary<Fate> = fc.record({
  lives: fc.array(
    fc.record({
      records: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 60 })),
      next: fc.constantFrom('resume', 'resume', 'resume', 'resume', 'pause', 'pause', 'stop'),
    }),
    { minLength: 1, maxLength: 4, size: 'max' },
  ),
  interferences: fc.array(
    fc.record({
      step: fc.nat({ max: 12 }),
      does: fc.constantFrom('pause', 'hold', 'hold', 'hold', 'release'),
      session: fc.nat({ max: 8 }),
    }),
    { maxLength: 3 },
  ),
});

/** No account's limit lasts longer. */
const LATER_MS = 9 * 3_600_000;
/** Lives on until the group has settled. */
const LAST: Life = { records: Number.POSITIVE_INFINITY, next: 'resume' };

/** Of a paused group, what its engine had still to say: that its last sessions are paused, or skipped. */
const TOLD_AT_REST = ['_status', 'session_paused', 'session_skipped'];

/**
 * A group whose engine dies again and again, at any record that it writes: from there on its clock stands still, and its
 * agents are gone. Another engine continues from the journal. Its watcher sees one group, whichever engine runs it.
 */
export class CrashingGroup {
  clock = new SimulatedClock();
  readonly agent: WatchedAgent;
  readonly events: GroupEvent[] = [];
  /** The status in which each engine died. */
  readonly deaths: string[] = [];
  readonly #random: RandomGroup;
  readonly #memory = createMemoryStore();
  readonly #store: GroupStore;
  readonly #inspect: SessionGroupOptions['inspect'];
  #group: GroupRunner | undefined;
  /** Records that the engine still writes. */
  #left = Number.POSITIVE_INFINITY;
  #steps = 0;

  constructor(random: RandomGroup, inspect?: SessionGroupOptions['inspect']) {
    this.#random = { ...random, config: { ...random.config } };
    this.#inspect = inspect;
    this.#store = faultyStore(record => {
      if (this.#left === 0) throw diskFull();
      this.#left--;
      if (isEvent(record)) this.events.push(record);
    }, this.#memory);
    this.agent = new WatchedAgent(followingClock(() => this.clock));
  }

  get group(): GroupRunner {
    if (!this.#group) throw new Error('no engine runs the group yet');
    return this.#group;
  }

  /** Until the group has settled, with the invariants checked at each step; returns how it has ended. */
  async live({ lives, interferences }: Fate): Promise<string> {
    const { sessions, config } = this.#random;
    const definition = { ...definitionOf(sessions, config), slug: ownSlug() };
    this.#group = await createSessionGroup(definition, this.#options());
    const watcher = new InvariantWatcher(this, this.#random);
    let { next } = LAST;
    let rounds = 0;
    for (const life of [...lives, LAST]) {
      this.#left = life.records;
      do {
        expect(++rounds, 'I13: the group never settles').toBeLessThan(100);
        await this.#ask(next, life === LAST);
        await this.#play(watcher, interferences);
        if (!this.#dead && isSettledGroup(this.#status)) return this.#status;
        next = 'resume';
      } while (life === LAST);
      next = life.next;
      await this.#reopen(watcher);
    }
    throw new Error('the last life ends with the group');
  }

  get #dead(): boolean {
    return this.#left === 0;
  }

  get #status(): string {
    return this.group.getProgress().status;
  }

  #options() {
    const { clock } = this;
    return {
      ...{ clock, store: this.#store, agents: { scripted: this.agent }, env: {} },
      ...{ quota: new QuotaGate(clock, () => 0), projects: memoryProjectGate() },
      ...(this.#inspect ? { inspect: this.#inspect } : {}),
    };
  }

  async #journal(): Promise<readonly JournalRecord[]> {
    return (await this.#memory.read(this.group.id)).records;
  }

  /** Steps the clock until the group rests, or its engine dies. */
  async #play(watcher: InvariantWatcher, interferences: readonly Interference[]): Promise<void> {
    for (;;) {
      await flushed();
      if (this.#dead) return;
      watcher.check();
      if (this.#status === 'paused' || isSettledGroup(this.#status)) break;
      expect(++this.#steps, 'I13: the group never rests').toBeLessThan(5_000);
      const now = interferences.filter(({ step }) => step === this.#steps);
      for (const { does, session } of now) await this.#interfere(does, session);
      if (now.length === 0) expect(this.clock.step(), 'I13: something is left to wait for').toBe(true);
    }
    watcher.checkRest();
    await checkFold(this.group, this.#memory);
  }

  async #interfere(does: Interference['does'], at: number): Promise<void> {
    const { group } = this;
    const { id } = this.#random.dag[at % this.#random.dag.length] ?? { id: '' };
    if (does === 'pause') await this.#answer(group.pause({ wait: false }));
    else if (does === 'hold') await this.#answer(group.pauseSession(id));
    else await this.#answer(group.resumeSession(id));
  }

  /** An engine that finds the group as the one before it has left it. */
  async #reopen(watcher: InvariantWatcher): Promise<void> {
    const before = await this.#journal();
    const { status } = foldJournal(before);
    this.deaths.push(status);
    this.#memory.crash(this.group.id);
    this.clock = new SimulatedClock(this.clock.now());
    this.#left = Number.POSITIVE_INFINITY;
    this.#group = await openSessionGroup(this.group.id, this.#options());
    const found = (await this.#journal()).slice(before.length).map(({ type }) => type);
    const still = status === 'paused' ? found.filter(type => !TOLD_AT_REST.includes(type)) : found;
    if (status !== 'pausing')
      expect(still, 'opening journals only what a group at rest had still to say').toEqual([]);
    watcher.reopened();
    await checkFold(this.group, this.#memory);
  }

  /** Asks a group at which nothing happens to continue; `last`: whatever is in its way. */
  async #ask(next: Life['next'], last: boolean): Promise<void> {
    const { group } = this;
    const status = this.#status;
    const before = (await this.#journal()).length;
    if (isSettledGroup(status)) return;
    if (last && status === 'paused') await this.#release();
    if (group.getResult().reason === 'quota') this.clock.advance(LATER_MS);
    if (this.#dead) return;
    let answer = await this.#answer(
      status === 'created'
        ? group.run()
        : next === 'stop'
          ? group.stop()
          : next === 'pause' && status === 'running'
            ? group.pause()
            : group.resume(),
    );
    if (answer === 'budget_exhausted') {
      if (!last) expect((await this.#journal()).length, 'a refused resume journals nothing').toBe(before);
      this.#random.config.budget = { ...this.#random.config.budget, maxBudgetUsd: 'none' };
      answer = await this.#answer(group.resume({ maxBudgetUsd: 'none' }));
    }
    expect(answer, `${next} of a group that was ${status}`).toBe('accepted');
    if (!isLiveGroup(status)) return;
    expect((await this.#journal())[before]?.type, `${next} takes over`).toBe('_taken_over');
  }

  /** Everything that a person holds. */
  async #release(): Promise<void> {
    for (const { id } of this.group.getProgress().sessions) {
      const why = this.group.why(id);
      if (why?.kind === 'paused' && why.reason === 'held') await this.#answer(this.group.resumeSession(id));
    }
  }

  /** Whether a request was accepted, or the code with which it was refused (I15). */
  async #answer(request: Promise<unknown>): Promise<string> {
    let answer = 'accepted';
    request.catch(error => {
      answer = error instanceof RefusedError ? error.code : `no refusal: ${error}`;
    });
    await flushed();
    if (!this.#dead) expect(answer.startsWith('no refusal'), answer).toBe(false);
    return answer;
  }
}
