import type { Observable } from 'rxjs';
import { given } from '../given.ts';
import type { DefinitionChanges } from './definition/definition-changes.ts';
import type {
  ChangeOrigin,
  SessionChanges,
  SessionInput,
  UpdateOrigin,
} from './definition/next-definition.ts';
import type { Engine } from './engine/engine.ts';
import { type GroupStreams, groupStreams } from './engine/group-streams.ts';
import type { GroupActor } from './engine/provide.ts';
import type {
  AnswerOptions,
  DryRunOption,
  EventsOptions,
  HoldOptions,
  IntegrateOptions,
  PauseOptions,
  ResumeOptions,
  RetryOptions,
  SendOptions,
  SentMessage,
  SignalOption,
  WaitOption,
} from './engine/requests/call-options.ts';
import { checkedSeq, checkIds } from './engine/requests/check-requests.ts';
import { Disposal } from './engine/requests/disposal.ts';
import { HostRequests } from './engine/requests/host-requests.ts';
import type { RunnerOptions } from './engine/runner-options.ts';
import type { GroupEvent } from './journal/events.ts';
import { EventIterator } from './journal/streams/event-iterator.ts';
import type { EventReader } from './journal/streams/event-log.ts';
import type { GroupProgress, GroupResult, WaitReason } from './progress/progress.ts';
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
  /**
   * The group's XState actor; undefined if the host's own machine runs the group. An error that a subscriber of the actor
   * throws is XState's to report: as an uncaught exception. The streams below only warn of it.
   */
  readonly actor: GroupActor | undefined;
  /** The events from now on. Goes on when a settled group runs again; completes once the group is disposed of. */
  readonly events$: Observable<GroupEvent>;
  /** The current progress, replayed to late subscribers, throttled to ten per second. Completes like `events$`. */
  readonly progress$: Observable<GroupProgress>;
  /** The result, each time the group settles; nothing is replayed. Completes like `events$`. */
  readonly settled$: Observable<GroupResult>;
  readonly #engine: Engine;
  readonly #options: RunnerOptions;
  readonly #requests: HostRequests;
  readonly #streams: GroupStreams;
  readonly #disposal: Disposal;

  private constructor(engine: Engine, options: RunnerOptions) {
    this.id = engine.groupId;
    this.dir = options.dir;
    this.actor = options.actor;
    this.#engine = engine;
    this.#options = options;
    this.#requests = new HostRequests(engine, options, () => this.#disposal.assertOpen());
    this.#disposal = new Disposal(engine, options, this.#requests);
    this.#streams = groupStreams(engine, options.history);
    ({ events$: this.events$, progress$: this.progress$, settled$: this.settled$ } = this.#streams);
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
  readonly history = (fromSeq = 0): AsyncIterable<GroupEvent> => this.#options.history(checkedSeq(fromSeq));

  /**
   * The events from this `seq` on: history first, then live, without a gap. The history is read lazily. Completes like
   * `events$`.
   */
  readonly journal$ = (fromSeq = 0): Observable<GroupEvent> => this.#streams.journal$(checkedSeq(fromSeq));

  /**
   * The events one after the other: history first, then live, without a gap, until the group is disposed of. It needs no
   * more memory if it is read slowly, and delays nothing. `break` ends it, and so does `return()`.
   *
   * @throws the signal's reason; SessionGroupsError `history_missing` if the journal was cut meanwhile.
   * @example
   * for await (const event of group.events()) console.log(event.seq, event.type);
   */
  readonly events = ({ fromSeq = 0, signal }: EventsOptions = {}): AsyncIterableIterator<GroupEvent> =>
    new EventIterator(() => this.#streams.log.reader(checkedSeq(fromSeq)), signal);

  /** The current progress. */
  readonly getProgress = (): GroupProgress => this.#engine.progress.getProgress();

  /** XState's snapshot of the group; undefined if the host's own machine runs it. */
  readonly getSnapshot = (): ReturnType<GroupActor['getSnapshot']> | undefined => this.actor?.getSnapshot();

  /** The current result, of the kind that `run` resolves with. */
  readonly getResult = (): GroupResult => this.#engine.result();

  /** Why the session (or, without an id, the group) is waiting; undefined if it isn't. */
  readonly why = (sessionId?: string): WaitReason | undefined => this.#engine.why(sessionId);

  /**
   * Resolves once the group is paused or settled, at once if it is and nothing that was called before this has to be done
   * first. A group that has not started, or whose engine died, is not at rest before it has run.
   */
  readonly rest = ({ signal }: SignalOption = {}): Promise<GroupResult> => this.#requests.rest(signal);

  /** Starts the group; resolves when it is paused or settled. */
  readonly run = (options: SignalOption = {}): Promise<GroupResult> =>
    this.#requests.sendStart(() => ({ type: 'run' }), options);

  /** Interrupts every live session so that it can continue later. */
  readonly pause = ({ reason = 'manual', ...options }: PauseOptions = {}): Promise<GroupResult> =>
    this.#requests.sendEnd({ type: 'pause', reason }, options);

  /**
   * Continues the same conversations; resolves when the group is paused again or settled. Also resumes a group whose
   * engine died while it ran; if it was stopping, it is stopped.
   * @throws RefusedError `budget_exhausted` while the limit is reached.
   */
  readonly resume = ({ maxBudgetUsd, ...options }: ResumeOptions = {}): Promise<GroupResult> =>
    this.#requests.resume(maxBudgetUsd, options);

  /** Ends live sessions as stopped and skips the rest. */
  readonly stop = (options: WaitOption = {}): Promise<GroupResult> =>
    this.#requests.sendEnd({ type: 'stop' }, options);

  /**
   * Runs failed, stopped and upstream-skipped sessions again, in the same conversations unless `fresh`.
   * Completed sessions and all costs are kept. In a paused group, the sessions wait for `resume`.
   */
  readonly retry = (options: RetryOptions = {}): Promise<GroupResult> => this.#requests.retry(options);

  /** What `retry` would run again. */
  readonly retryPlan = (sessions?: readonly string[]): readonly string[] => {
    checkIds(sessions);
    return retryIds(this.#engine.state.roster.schedule, this.#requests.named(sessions));
  };

  /**
   * Delivers what has been merged into a branch of the user's. For a settled group, which settles again as it was before,
   * whatever comes of it; and for a paused one whose sessions have all completed, which completes by it, or stays paused
   * with the reason `conflict` or `delivery_refused`. The events `group_delivered` and `delivery_refused` say what has
   * come of it; a pause or a stop cuts it off. Resolves when the group has settled or is paused.
   * @throws RefusedError `nothing_to_deliver`, `branch_required`, `not_in_this_state`.
   */
  readonly integrate = ({ into, ...options }: IntegrateOptions = {}): Promise<GroupResult> =>
    this.#requests.sendForRest(given({ type: 'integrate' as const, into }), options);

  /** Sets the group's limit. A group that is paused because of its budget stays paused until `resume`. */
  readonly setMaxBudget = (usd: number | 'none', { signal }: SignalOption = {}): Promise<void> =>
    this.#requests.setLimit(usd, signal);

  /**
   * Holds one session while its group continues, or before it starts; a resume of the group doesn't release it.
   * @throws RefusedError `session_not_pausable`, `not_in_this_state`.
   */
  readonly pauseSession = async (id: string, options: HoldOptions = {}): Promise<void> =>
    this.#requests.hold(id, options);

  /** Lets a session go on that `pauseSession` holds, or all of a `forEach` by its name. */
  readonly resumeSession = async (id: string, { signal }: SignalOption = {}): Promise<void> =>
    this.#requests.release(id, signal);

  /**
   * Sends a message of a person to the session's agent, as a user message of its conversation: while it works, or with its
   * next attempt. Messages arrive in the order in which they were sent. Resolves once the message is in the journal;
   * `message_delivered` tells that the conversation has it, or `message_undelivered` that it never will.
   *
   * @param text at most 16,384 characters.
   * @throws RefusedError `message_refused`: the session has settled, its agent is done or takes no messages, or 16 wait
   * already; `not_in_this_state`, while the group is being stopped.
   */
  readonly send = (sessionId: string, text: string, options: SendOptions = {}): Promise<SentMessage> =>
    this.#requests.sendMessage(sessionId, text, options);

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
    { dryRun, signal, ...origin }: UpdateOrigin & DryRunOption = {},
  ): Promise<DefinitionChanges> =>
    this.#requests.change({ kind: 'update', definition, origin }, dryRun, signal);

  /** Adds a session; see `update`. A template that the group doesn't have yet is copied into it. */
  readonly addSession = (
    session: SessionInput,
    { dryRun, signal, ...origin }: ChangeOrigin & DryRunOption = {},
  ): Promise<DefinitionChanges> => this.#requests.change({ kind: 'add', session, origin }, dryRun, signal);

  /** Removes a session that hasn't run; see `update`. */
  readonly removeSession = (id: string, { dryRun, signal }: DryRunOption = {}): Promise<DefinitionChanges> =>
    this.#requests.change({ kind: 'remove', id }, dryRun, signal);

  /** Changes a session; see `update`. Changes of a session that has ended take effect on `retry`. */
  readonly updateSession = (
    id: string,
    changes: SessionChanges,
    { dryRun, signal, ...origin }: ChangeOrigin & DryRunOption = {},
  ): Promise<DefinitionChanges> =>
    this.#requests.change({ kind: 'change', id, changes, origin }, dryRun, signal);

  /**
   * Answers a permission request. A question of the agent (`AskUserQuestion`) is allowed only with an `answer`: an option's
   * label or number, or other words; of several questions one line for each. At most 16 Ki characters.
   *
   * @param options or who answers, for the journal, and then the `answer`.
   * @throws RefusedError `answer_required`, `not_an_option`, `no_such_request`.
   */
  readonly answer = (
    requestId: string,
    decision: 'allow' | 'deny',
    options: AnswerOptions | string = {},
    answer?: string,
  ): Promise<void> => {
    const how: AnswerOptions = typeof options === 'string' ? given({ by: options, answer }) : options;
    return this.#requests.answer(requestId, decision, how);
  };

  /**
   * Ends everything live and releases all resources. A live group is paused if it is stored on disk, otherwise stopped.
   * @throws SessionGroupsError `records_lost`, after everything is released, naming the records that were not written.
   */
  readonly dispose = (): Promise<void> => this.#disposal.begin();

  readonly [Symbol.asyncDispose] = (): Promise<void> => this.dispose();

  /** @internal For watchers in this process: see the aggregator. A new definition is a change of every session. */
  progressSince(version: number): { readonly version: number; readonly progress: GroupProgress } {
    const { progress } = this.#engine;
    return { version: progress.version, progress: progress.progressSince(version) };
  }

  /** @internal For watchers in other processes: a reader of the events that ends when the group has settled. */
  settlingReader(fromSeq: number): EventReader {
    return this.#streams.log.reader(fromSeq, { untilSettled: true });
  }

  /** @internal Tells the manager, as soon as the group is disposed of, with the end of that. */
  onDisposed(tell: (over: Promise<void>) => void): void {
    this.#disposal.onBegun(tell);
  }

  /**
   * @internal Journals that this process is suspended while `work` goes on, so that the time counts for nothing and others can
   * say since when. Does nothing but the work while the group is at rest.
   */
  whileSuspended(work: () => Promise<void>): Promise<void> {
    return this.#engine.recorder.whileSuspended(work);
  }

  /** @internal Publishes where this process listens for control requests, until `close`, which `dispose` calls first. */
  announce(address: string, close: () => Promise<void>): void {
    if (this.#disposal.begun) return void close();
    this.#disposal.stopFirst(close);
    this.#options.announce(address);
  }
}

/** @deprecated Use `GroupRunner`. */
export type SessionGroupHandle = GroupRunner;
