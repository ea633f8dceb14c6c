import { type ActorRefFrom, createActor, type SnapshotFrom } from 'xstate';
import { RefusedError } from '../../src/sdk/errors.ts';
import { openSessionGroup } from '../../src/sdk/group/api/create.ts';
import { QuotaGate } from '../../src/sdk/group/schedule/quota-gate.ts';
import { createMemoryStore, type MemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import { lifecycleModel } from '../../src/sdk/testing/lifecycle-model.ts';
import type { LifecycleEvent, LifecycleInput } from '../../src/sdk/testing/lifecycle-types.ts';
import { type Bench, bench, benchOf, flushed, ownSlug, projectPath } from './bench.ts';
import { diskFull, faultyStore } from './faulty-store.ts';
import { expect } from './light-expect.ts';
import { PuppetAgent } from './puppet-agent.ts';
import { leafOf } from './state-of.ts';

const HOUR = 3_600_000;
const FIRST_LIMIT = 100;

/** A real group beside its model: both get the same events and must reach the same state. */
export class LifecycleBench {
  #bench: Bench;
  readonly #store: MemoryStore;
  readonly #puppets: PuppetAgent;
  readonly #disk: { failing: boolean };
  readonly #model: ActorRefFrom<typeof lifecycleModel>;
  #limitUsd = FIRST_LIMIT;
  #messages = 0;

  private constructor(
    one: Bench,
    store: MemoryStore,
    puppets: PuppetAgent,
    disk: { failing: boolean },
    input: LifecycleInput,
  ) {
    this.#bench = one;
    this.#store = store;
    this.#puppets = puppets;
    this.#disk = disk;
    this.#model = createActor(lifecycleModel, { input }).start();
  }

  /** The state of the model. */
  get state(): SnapshotFrom<typeof lifecycleModel> {
    return this.#model.getSnapshot();
  }

  static async open(input: LifecycleInput): Promise<LifecycleBench> {
    const puppets = new PuppetAgent();
    const disk = { failing: false };
    const store = createMemoryStore();
    const ids = Array.from({ length: input.sessions }, (_, index) => `s${index}`);
    const one = await bench(
      ids.map(id => ({ id, prompt: 'go' })),
      {
        agents: { scripted: puppets },
        slug: ownSlug(),
        store: failingOnce(store, disk),
        config: {
          budget: { maxBudgetUsd: FIRST_LIMIT, warningThreshold: 0.5 },
          concurrency: { maxConcurrent: input.sessions + 1, errorThreshold: input.errorThreshold },
          retry: { maximumAttempts: 1_000, initialInterval: 1, backoffCoefficient: 1 },
          timeouts: { idle: 1_000 * HOUR, attempt: 1_000 * HOUR },
        },
      },
    );
    const both = new LifecycleBench(one, store, puppets, disk, input);
    both.compare();
    return both;
  }

  async happens(event: LifecycleEvent): Promise<void> {
    this.#model.send(event);
    const answer = await this.#really(event);
    await flushed();
    if (answer !== undefined) expect(answer, event.type).toBe(this.state.context.answer);
    this.compare();
  }

  compare(): void {
    const { value, context } = this.state;
    const progress = this.#bench.group.getProgress();
    expect({
      status: progress.status,
      pending: progress.pending,
      live: progress.running,
      retrying: progress.waiting,
      paused: progress.paused,
      completed: progress.completed,
      failed: progress.failed,
      stopped: progress.stopped + progress.skipped,
    }).toEqual({
      status: leafOf(value),
      pending: context.pending,
      live: context.live + context.lost,
      retrying: context.retrying,
      paused: context.paused,
      completed: context.completed,
      failed: context.failed,
      stopped: context.stopped,
    });
    expect(this.#puppets.live).toHaveLength(context.live);
    if (leafOf(value) === 'paused') expect(this.#bench.group.getResult().reason).toBe(context.reason);
  }

  async close(): Promise<void> {
    const closed = this.#bench.group.dispose();
    await flushed();
    while (this.#puppets.live.length > 0) {
      this.#puppets.ends('interrupted');
      await flushed();
    }
    await closed;
    expect(this.#bench.clock.pending).toBe(0);
  }

  async #really(event: LifecycleEvent): Promise<string | undefined> {
    const { group, clock } = this.#bench;
    switch (event.type) {
      case 'run':
      case 'pause':
      case 'resume':
      case 'stop':
      case 'retry':
        return answerOf(group[event.type]());
      case 'integrate':
        return answerOf(group.integrate({ into: 'main' }));
      case 'delivery.done':
      case 'delivery.refused':
      case 'delivery.ended':
      case 'session.blocked':
        throw new Error('the puppets merge nothing');
      case 'session.pause':
        return answerOf(group.pauseSession(this.#settledOrAny()));
      case 'session.resume':
        return answerOf(group.resumeSession('s0'));
      case 'approval.answer': {
        const answer = await answerOf(group.answer('never asked', 'allow'));
        expect(answer).toBe('no_such_request'); // the handle knows without asking the chart
        return undefined;
      }
      case 'definition.change': {
        const added = group.addSession({ id: 'added', prompt: 'go', projectPath: projectPath(90) });
        await added.catch(() => {}); // it reads the project's folder first
        return answerOf(added);
      }
      case 'budget.change':
        this.#limitUsd = group.getProgress().totalCostUsd + FIRST_LIMIT;
        return answerOf(group.setMaxBudget(this.#limitUsd));
      case 'budget.warning':
        this.#spendUpTo(0.5);
        return undefined;
      case 'budget.exceeded':
        this.#spendUpTo(1);
        return undefined;
      case 'session.settled': {
        const outcomes = { completed: 'done', failed: 'max_turns', stopped: 'interrupted' } as const;
        this.#puppets.ends(outcomes[event.outcome]);
        return undefined;
      }
      case 'session.yielded':
        this.#puppets.ends(event.reason === 'pause' ? 'interrupted' : 'server_error');
        return undefined;
      case 'session.ready':
        clock.step(); // the retry's: no other timer is as short
        return undefined;
      case 'quota.tooLong':
        this.#puppets.ends({ until: clock.now() + 10 * HOUR });
        return undefined;
      case 'quota.opened':
        clock.advance(11 * HOUR);
        return undefined;
      case 'journal.failed':
        this.#disk.failing = true;
        this.#puppets.says('what the journal cannot take');
        return undefined;
      case 'agent.unavailable':
        this.#puppets.ends('authentication_failed');
        return undefined;
      case 'engine.died':
        await this.#dies();
        return undefined;
    }
  }

  /** The engine is gone without a word, and its agents with it; another opens the group. */
  async #dies(): Promise<void> {
    const { group, clock, agent } = this.#bench;
    this.#store.crash(group.id);
    group.actor?.stop();
    while (this.#puppets.live.length > 0) this.#puppets.ends('interrupted');
    await group.dispose().catch(() => {}); // what it would still journal is refused
    const quota = new QuotaGate(clock, () => 0);
    const opened = await openSessionGroup(group.id, {
      clock,
      quota,
      projects: memoryProjectGate(),
      agents: { scripted: this.#puppets },
      env: {},
      store: failingOnce(this.#store, this.#disk),
    });
    this.#bench = benchOf(opened, { clock, agent, quota });
  }

  #spendUpTo(share: number): void {
    const spent = this.#bench.group.getProgress().totalCostUsd;
    // A new limit counts from what was spent before it, so the threshold is within the rest, or above all of it.
    this.#puppets.spends(`m${this.#messages++}`, Math.max(0, this.#limitUsd * share - spent));
  }

  #settledOrAny(): string {
    const settled = this.#bench.group
      .getProgress()
      .sessions.find(session => session.status === 'completed' || session.status === 'failed');
    return settled?.id ?? 's0';
  }
}

const failingOnce = (store: MemoryStore, disk: { failing: boolean }) =>
  faultyStore(() => {
    if (!disk.failing) return;
    disk.failing = false;
    throw diskFull();
  }, store);

/** The answer to a request; an accepted one may take a while to finish. */
async function answerOf(request: Promise<unknown>): Promise<string> {
  let answer = 'accepted';
  request.catch(error => {
    answer = error instanceof RefusedError ? error.code : String(error);
  });
  await flushed();
  return answer;
}
