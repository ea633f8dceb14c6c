import type { Observable } from 'rxjs';
import { SessionGroupsError } from '../errors.ts';
import { given } from '../given.ts';
import type { DefinitionChanges } from './definition/definition-changes.ts';
import {
  type ChangeOrigin,
  type DefinitionChange,
  nextDefinition,
  type SessionChanges,
  type SessionInput,
  type UpdateOrigin,
} from './definition/next-definition.ts';
import type { Engine } from './engine/engine.ts';
import type { GroupActor } from './engine/provide.ts';
import type {
  DryRunOption,
  IntegrateOptions,
  PauseOptions,
  ResumeOptions,
  RetryOptions,
  WaitOption,
} from './engine/requests/call-options.ts';
import { HostRequests, microUsdOf } from './engine/requests/host-requests.ts';
import type { RunnerOptions } from './engine/runner-options.ts';
import type { GroupEvent } from './journal/events.ts';
import { journalStream } from './journal/journal-stream.ts';
import { SafeObservable } from './journal/safe-observable.ts';
import type { GroupProgress, GroupResult, WaitReason } from './progress/progress.ts';
import { progressStream } from './progress/progress-stream.ts';
import { retryIds } from './schedule/retry-selection.ts';
import type { SessionGroup, SessionGroupInput } from './types.ts';

/**
 * A group that this process owns and drives: what `createSessionGroup`, `openSessionGroup` and `GroupManager` give. Its
 * methods may be passed around without it.
 */
export class GroupRunner {
  readonly id: string;
  /** The group's folder; undefined if nothing is kept on disk. */
  readonly dir: string | undefined;
  /** The group's XState actor; undefined if the host's own machine runs the group. */
  readonly actor: GroupActor | undefined;
  /** Hot. Completes when the group settles or is disposed of, not when it pauses. */
  readonly events$: Observable<GroupEvent>;
  /** The current progress, replayed to late subscribers, throttled to ten per second. */
  readonly progress$: Observable<GroupProgress>;
  readonly #engine: Engine;
  readonly #options: RunnerOptions;
  readonly #requests: HostRequests;
  readonly #onDisposed: ((over: Promise<void>) => void)[] = [];
  #stopListening: (() => Promise<void>) | undefined;
  #disposed: Promise<void> | undefined;
  #limitsSet = 0;

  private constructor(engine: Engine, options: RunnerOptions) {
    const { recorder, progress, clock } = engine;
    this.id = engine.groupId;
    this.dir = options.dir;
    this.actor = options.actor;
    this.#engine = engine;
    this.#options = options;
    this.#requests = new HostRequests(engine, () => this.#assertOpen());
    this.events$ = new SafeObservable(subscriber => {
      for (const event of recorder.prelude) subscriber.next(event);
      return recorder.events.subscribe(subscriber);
    });
    this.progress$ = progressStream(
      () => recorder.changes,
      () => progress.getProgress(),
      clock,
    );
  }

  /** @internal Hosts create and open groups; see there. */
  static of(engine: Engine, options: RunnerOptions): GroupRunner {
    return new GroupRunner(engine, options);
  }

  /** With the definition in force. */
  get group(): SessionGroup {
    return this.#engine.group;
  }

  /** The events so far, from this `seq` on, read lazily. Default: from the first. */
  readonly history = (fromSeq = 0): AsyncIterable<GroupEvent> => this.#options.history(fromSeq);

  /** The events from this `seq` on: history first, then live, without a gap. The history is read lazily. */
  readonly journal$ = (fromSeq = 0): Observable<GroupEvent> =>
    journalStream(this.#options.history, () => this.#engine.recorder.events, fromSeq);

  /** The current progress. */
  readonly getProgress = (): GroupProgress => this.#engine.progress.getProgress();

  /** XState's snapshot of the group; undefined if the host's own machine runs it. */
  readonly getSnapshot = (): ReturnType<GroupActor['getSnapshot']> | undefined => this.actor?.getSnapshot();

  /** The current result, of the kind that `run` resolves with. */
  readonly getResult = (): GroupResult => this.#engine.result();

  /** Why the session (or, without an id, the group) is waiting; undefined if it isn't. */
  readonly why = (sessionId?: string): WaitReason | undefined => this.#engine.why(sessionId);

  /** Starts the group; resolves when it is paused or settled. */
  readonly run = (): Promise<GroupResult> => this.#requests.sendStart(() => ({ type: 'run' }));

  /** Interrupts every live session so that it can continue later. */
  readonly pause = ({ reason = 'manual', wait }: PauseOptions = {}): Promise<GroupResult> =>
    this.#requests.sendEnd({ type: 'pause', reason }, wait);

  /**
   * Continues the same conversations; resolves when the group is paused again or settled. Also resumes a group whose
   * engine died while it ran; if it was stopping, it is stopped.
   * @throws RefusedError `budget_exhausted` while the limit is reached.
   */
  readonly resume = async ({ maxBudgetUsd, wait }: ResumeOptions = {}): Promise<GroupResult> => {
    const limit = maxBudgetUsd === undefined ? {} : { limitMicroUsd: microUsdOf(maxBudgetUsd) };
    const before = this.#limitsSet;
    const event = () => ({ type: 'resume' as const, ...(this.#limitsSet === before ? limit : {}) });
    return this.#requests.sendStart(event, wait);
  };

  /** Ends live sessions as stopped and skips the rest. */
  readonly stop = ({ wait }: WaitOption = {}): Promise<GroupResult> =>
    this.#requests.sendEnd({ type: 'stop' }, wait);

  /**
   * Runs failed, stopped and upstream-skipped sessions again, in the same conversations unless `fresh`.
   * Completed sessions and all costs are kept. In a paused group, the sessions wait for `resume`.
   */
  readonly retry = async ({ sessions, fresh = false, wait }: RetryOptions = {}): Promise<GroupResult> => {
    if (this.#engine.stopUnfinished) await this.#requests.sendEnd({ type: 'stop' });
    for (const id of sessions ?? []) this.#engine.runOf(id); // an unknown one is an error of its own
    const event = { type: 'retry' as const, fresh, ...(sessions ? { sessions } : {}) };
    return this.#requests.sendStart(() => event, wait);
  };

  /** What `retry` would run again. */
  readonly retryPlan = (sessions?: readonly string[]): readonly string[] =>
    retryIds(this.#engine.state.roster.schedule, sessions);

  /**
   * Delivers what has been merged into a branch of the user's. For a settled group, which settles again as it was before,
   * whatever comes of it; and for a paused one whose sessions have all completed, which completes by it, or stays paused
   * with the reason `conflict` or `delivery_refused`. The events `group_delivered` and `delivery_refused` say what has
   * come of it; a pause or a stop cuts it off. Resolves when the group has settled or is paused.
   * @throws RefusedError `nothing_to_deliver`, `branch_required`, `not_in_this_state`.
   */
  readonly integrate = ({ into, wait }: IntegrateOptions = {}): Promise<GroupResult> =>
    this.#requests.sendForRest(given({ type: 'integrate' as const, into }), wait);

  /** Sets the group's limit. A group that is paused because of its budget stays paused until `resume`. */
  readonly setMaxBudget = async (usd: number | 'none'): Promise<void> => {
    await this.#requests.sendAhead({ type: 'budget.change', limitMicroUsd: microUsdOf(usd) });
    this.#limitsSet++; // a resume that was called before, and is still checked, doesn't change it again
  };

  /** Holds one session while its group continues; a resume of the group doesn't release it. */
  readonly pauseSession = async (id: string): Promise<void> =>
    this.#requests.send({ type: 'session.pause', id: this.#engine.runOf(id).id });

  readonly resumeSession = async (id: string): Promise<void> =>
    this.#requests.send({ type: 'session.resume', id: this.#engine.runOf(id).id });

  /**
   * Replaces the definition, all or nothing, also while the group runs: sessions that start later use the new one.
   * Sessions in play or completed can't change, and sessions that have run can't be removed. A settled group that gets
   * new sessions becomes paused, so that `resume` runs them, unless none of them can ever start.
   *
   * @param definition path of a YAML or JSON file, or the definition itself.
   * @throws DefinitionError with every problem of it; RefusedError `sessions_in_the_way`, or because the group is
   * pausing, stopping or archived.
   */
  readonly update = (
    definition: string | SessionGroupInput,
    { dryRun, ...origin }: UpdateOrigin & DryRunOption = {},
  ): Promise<DefinitionChanges> => this.#change({ kind: 'update', definition, origin }, dryRun);

  /** Adds a session; see `update`. A template that the group doesn't have yet is copied into it. */
  readonly addSession = (
    session: SessionInput,
    { dryRun, ...origin }: ChangeOrigin & DryRunOption = {},
  ): Promise<DefinitionChanges> => this.#change({ kind: 'add', session, origin }, dryRun);

  /** Removes a session that hasn't run; see `update`. */
  readonly removeSession = (id: string, { dryRun }: DryRunOption = {}): Promise<DefinitionChanges> =>
    this.#change({ kind: 'remove', id }, dryRun);

  /** Changes a session; see `update`. Changes of a session that has ended take effect on `retry`. */
  readonly updateSession = (
    id: string,
    changes: SessionChanges,
    { dryRun, ...origin }: ChangeOrigin & DryRunOption = {},
  ): Promise<DefinitionChanges> => this.#change({ kind: 'change', id, changes, origin }, dryRun);

  /**
   * Answers a permission request; `by` tells the journal who did. Default: `api`. With a denial, `answer` tells the
   * agent why. A question of the agent (`AskUserQuestion`) is allowed only with an `answer`, which it gets for each of
   * its questions.
   *
   * @throws RefusedError `answer_required`
   */
  readonly answer = (
    requestId: string,
    decision: 'allow' | 'deny',
    by = 'api',
    answer?: string,
  ): Promise<void> => this.#requests.answer(given({ requestId, decision, by, answer }));

  /**
   * Ends everything live and releases all resources. A live group is paused if it is stored on disk, otherwise stopped.
   * @throws SessionGroupsError `records_lost`, after everything is released, naming the records that were not written.
   */
  readonly dispose = (): Promise<void> => {
    if (this.#disposed) return this.#disposed;
    const over = this.#end();
    this.#disposed = over;
    for (const tell of this.#onDisposed.splice(0)) tell(over);
    return over;
  };

  /** @internal Tells the manager, as soon as the group is disposed of, with the end of that. */
  onDisposed(tell: (over: Promise<void>) => void): void {
    if (this.#disposed) tell(this.#disposed);
    else this.#onDisposed.push(tell);
  }

  /**
   * @internal Publishes the address at which this process listens for control requests.
   * @param close stops listening; called as soon as the group is disposed of.
   */
  announce(address: string, close: () => Promise<void>): void {
    if (this.#disposed) return void close();
    this.#stopListening = close;
    this.#options.announce(address);
  }

  /** Nobody listens from the first moment on, and so the next owner can. */
  #end(): Promise<void> {
    const stopped = this.#stopListening?.();
    return stopped ? Promise.all([stopped, this.#endAll()]).then(() => {}) : this.#endAll();
  }

  async #endAll(): Promise<void> {
    const { actor, onDispose, release } = this.#options;
    const engine = this.#engine;
    await this.#requests.close(
      onDispose === 'pause' ? { type: 'pause', reason: 'shutdown' } : { type: 'stop' },
    );
    actor?.stop();
    engine.endAll(); // whoever's actor was stopped by its host has had no chart to end it
    engine.close();
    const writing = engine.recorder.writeLast();
    if (writing) await writing;
    const lost = engine.recorder.lost();
    const released = release();
    if (!lost) return released;
    await released.catch(() => {});
    throw lost;
  }

  #change(request: DefinitionChange, dryRun = false): Promise<DefinitionChanges> {
    return this.#requests.inTurn(async () => {
      const next = await nextDefinition(this.group, request, this.#options.loading);
      const changes = await this.#engine.redefiner.redefine(next, dryRun);
      this.#options.onUpdated();
      return changes;
    });
  }

  /** A request after `dispose` is refused as that, whatever the group's state. */
  #assertOpen(): void {
    if (!this.#disposed) return;
    throw new SessionGroupsError('disposed', `the handle of group ${this.id} has been disposed of`, {
      hint: 'Open the group again.',
    });
  }
}

/** @deprecated Use `GroupRunner`. */
export type SessionGroupHandle = GroupRunner;
