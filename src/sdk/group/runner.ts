import type { GroupMachineEvent, SessionMachineEvent } from '../../../machines/contract.ts';
import { BUDGET_ACTOR, QUOTA_ACTOR } from '../../../machines/group.setup.ts';
import { type ErrorCode, type GroupStatus, isLiveStatus } from '../../../machines/vocabulary.ts';
import { type Clock, isoTime } from '../clock.ts';
import type { AttemptConfig } from '../session/agent.ts';
import { chartEffects, type EffectsOwner } from './chart-effects.ts';
import { childEnvironment, type HostEnvironment } from './environment.ts';
import { SessionGroupsError } from './errors.ts';
import type { GroupEventBody } from './events.ts';
import type { SessionSnapshot } from './fold.ts';
import { NO_FILES } from './group-files.ts';
import { createGroupState, type GroupState, type GroupStateOptions } from './group-state.ts';
import type { InternalRecord, Journal } from './journal.ts';
import type { JournalFold } from './journal-fold.ts';
import { type Ledger, toUsd } from './ledger.ts';
import { pauseReasonOf } from './pause-reason.ts';
import type { GroupResult, WaitReason } from './progress.ts';
import { ProgressAggregator } from './progress-aggregator.ts';
import { type ProvidedGroup, provideGroup } from './provide.ts';
import { Recorder } from './recorder.ts';
import { type RedefinedGroup, Redefiner } from './redefiner.ts';
import { configSource } from './render-config.ts';
import { type RenderContext, type RenderedPrompt, renderPrompt } from './render-prompt.ts';
import { Requests } from './requests.ts';
import { restoredStatus, restoreGroup, stillInPlay } from './restore.ts';
import { groupResult, upstreamResult } from './result.ts';
import { SessionConfigs } from './session-configs.ts';
import { SessionRun, type SessionRunHost } from './session-run.ts';
import type { NewDefinition } from './store.ts';
import type { SessionGroup } from './types.ts';
import { whyGroup, whySession } from './why.ts';

/** What a runner needs of its host. Most hosts use `createSessionGroup`, which fills it in. */
export interface GroupRunnerOptions
  extends Omit<GroupStateOptions, 'groupId' | 'definition' | 'historyOf' | 'durationOf' | 'restored'> {
  readonly group: SessionGroup;
  readonly journal: Journal;
  readonly env: HostEnvironment;
  /** Somebody answers permission requests. Default: false. */
  readonly attended?: boolean;
  /** Folder for a session's logs; undefined where none are kept. */
  readonly logDirOf?: (id: string) => string | undefined;
  /** After the group has paused or settled. */
  readonly onRest?: (runner: GroupRunner) => void;
  /** Keeps another definition under a revision; absent where none is kept. */
  readonly keep?: (revision: number, next: NewDefinition) => SessionGroup;
  /** What the group's history comes to, where it has one: it goes on from there. Read at once, and not kept. */
  readonly fold?: JournalFold;
}

/** What the runner needs of the group's actor, whoever created it. */
interface GroupActor {
  send(event: GroupMachineEvent): void;
  getSnapshot(): { readonly children: Readonly<Record<string, { send(event: never): void } | undefined>> };
}

interface Rest {
  readonly resolve: (result: GroupResult) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Carries out what the group's chart decides, and feeds the agents' reports back to it.
 *
 * G1 the runner decides nothing: a decision that is in neither the charts nor the roster is a mistake.
 * G2 the actor may be anybody's: the runner learns it when the chart starts, and only sends to it.
 * G3 whoever waits for the group to rest is answered, also when the chart itself fails.
 */
export class GroupRunner implements EffectsOwner, SessionRunHost, RedefinedGroup {
  readonly groupId: string;
  /** With the definition in force. */
  group: SessionGroup;
  readonly clock: Clock;
  readonly attended: boolean;
  readonly state: GroupState;
  readonly progress: ProgressAggregator;
  readonly recorder: Recorder;
  readonly requests: Requests;
  readonly configs: SessionConfigs;
  readonly redefiner = new Redefiner(this);
  readonly machine: ProvidedGroup;
  readonly #options: GroupRunnerOptions;
  readonly #runs = new Map<string, SessionRun>();
  /** What the journal left of sessions whose run nobody has asked for yet: most have settled, and nobody will. */
  readonly #kept = new Map<string, SessionSnapshot>();
  readonly #rests = new Set<Rest>();
  readonly #off: (() => void)[];
  #actor: GroupActor | undefined;
  #interrupted = false;
  #unfinishedStop = false;

  constructor(options: GroupRunnerOptions) {
    const { group, clock, journal, fold } = options;
    const { definition } = group;
    this.#options = options;
    this.group = group;
    this.groupId = group.id;
    this.clock = clock;
    this.attended = options.attended ?? false;
    this.configs = new SessionConfigs({
      ...configSource(group, () => this.#renderContext),
      folderOf: id => this.logDir(id),
      record: body => this.record(body),
    });
    this.state = createGroupState({
      ...options,
      generates: session => this.configs.generates(session),
      groupId: group.id,
      definition,
      historyOf: id => {
        const { attempts = 0, failures = 0 } = this.#runs.get(id) ?? this.#kept.get(id) ?? {};
        return { attempts, failures };
      },
      durationOf: id => this.progress.durationOf(id),
      restored: fold && restoredStatus(fold.group.status),
      unwritten: () => this.recorder.held.length > 0,
    });
    this.progress = new ProgressAggregator({
      groupId: group.id,
      name: definition.name,
      sessions: definition.sessions,
      maxConcurrent: definition.config.concurrency.maxConcurrent,
      clock,
      why: id => this.why(id),
      limitUsd: () => finiteUsd(this.state.ledger.limitMicroUsd),
    });
    // The record may be that of a step of the chart, which is not done yet.
    const onFailing = () => queueMicrotask(() => this.send({ type: 'journal.failed' }));
    this.recorder = new Recorder({ groupId: group.id, clock, journal, progress: this.progress, onFailing });
    this.requests = new Requests(() => this.status);
    this.machine = provideGroup(chartEffects(this));
    this.#off = [
      options.projects.onFreed(project => {
        if (this.state.roster.waitsForProject(project)) this.send({ type: 'admission.changed' });
      }),
      options.quota.onClose(() => this.#toChild(QUOTA_ACTOR, { type: 'quota.limited' })),
    ];
    if (fold) this.#restore(fold);
    else this.recorder.announce({ type: 'group_created', name: definition.name });
  }

  get status(): GroupStatus {
    return this.progress.status;
  }

  /** Agents may be at work. */
  get live(): boolean {
    return !this.#interrupted && !this.#unfinishedStop && isLiveStatus(this.status);
  }

  /** The journal says that it runs, and its engine died: `run` with the reason recovery goes on. */
  get interrupted(): boolean {
    return this.#interrupted;
  }

  /** The journal says that it was being stopped when its engine died: `stop` carries that out. */
  get unfinishedStop(): boolean {
    return this.#unfinishedStop;
  }

  now(): string {
    return isoTime(this.clock);
  }

  sessionOfRequest(requestId: string): string | undefined {
    for (const run of this.#runs.values()) if (run.request?.requestId === requestId) return run.id;
    return undefined;
  }

  logDir(id: string): string | undefined {
    try {
      return this.#options.logDirOf?.(id);
    } catch (reason) {
      throw this.recorder.fail(reason);
    }
  }

  runOf(id: string): SessionRun {
    const before = this.#runs.get(id);
    const session = this.state.sessions.get(id);
    if (!session) throw new SessionGroupsError('unknown_session', `there is no session "${id}"`);
    // One in play keeps the definition with which it began.
    if (before && (before.session === session || this.state.roster.isInPlay(id))) return before;
    const run = new SessionRun(session, this.state.agentOf(id), this);
    const kept = this.#kept.get(id);
    if (before) run.succeed(before);
    else if (kept) run.restore(kept);
    this.#kept.delete(id);
    this.#runs.set(id, run);
    return run;
  }

  findRun(id: string): SessionRun | undefined {
    return this.#runs.get(id) ?? (this.#kept.has(id) ? this.runOf(id) : undefined);
  }

  why(id?: string): WaitReason | undefined {
    return id === undefined ? whyGroup(this) : whySession(this, id);
  }

  result(): GroupResult {
    return groupResult(this);
  }

  /** Hands a request to the chart; resolves when it was accepted, rejects with a RefusedError (I15). */
  async request(event: GroupMachineEvent): Promise<void> {
    if (!this.#actor) throw new SessionGroupsError('not_started', "the group's actor has not been started");
    if (NEED_THE_JOURNAL.has(event.type) && !(event.type === 'stop' && this.live)) this.recorder.recover();
    if (event.type === 'retry') this.recorder.reopen();
    const [recovers, ends] = [
      this.#interrupted && event.type === 'run',
      this.#unfinishedStop && event.type === 'stop',
    ];
    if (recovers || ends) this.recorder.internal({ type: '_taken_over' });
    if (recovers) this.#interrupted = false;
    if (ends) this.#unfinishedStop = false;
    await this.requests.open(request => this.send({ ...event, request } as GroupMachineEvent));
  }

  /** Resolves the next time the group is paused or settled. */
  rest(): { readonly result: Promise<GroupResult>; forget(): void } {
    let forget = () => {};
    const result = new Promise<GroupResult>((resolve, reject) => {
      const rest = { resolve, reject };
      this.#rests.add(rest);
      forget = () => this.#rests.delete(rest);
    });
    result.catch(() => {}); // whoever asked may have been refused before
    return { result, forget };
  }

  /** The group's own chart has failed: nothing may be left running, and nobody left waiting. */
  crashed(reason: unknown): void {
    for (const run of this.#runs.values()) run.kill();
    const failure = chartFailure(reason);
    this.requests.failAll(failure);
    for (const { reject } of this.#rests) reject(failure);
    this.#rests.clear();
    this.recorder.record({ type: 'group_failed', reason: 'internal_error' });
    this.close();
  }

  close(): void {
    for (const off of this.#off.splice(0)) off();
    this.recorder.close();
    this.configs.close();
  }

  // For the charts' effects.

  keep(revision: number, next: NewDefinition): SessionGroup {
    if (!this.#options.keep) throw new SessionGroupsError('not_kept', 'nothing is kept of this group');
    return this.#options.keep(revision, next);
  }

  adopt(group: SessionGroup, { removed, fresh }: Parameters<RedefinedGroup['adopt']>[1]): void {
    this.group = group;
    this.configs.redefine(configSource(group, () => this.#renderContext));
    for (const id of removed) {
      this.#runs.delete(id);
      this.#kept.delete(id);
    }
    for (const id of fresh) this.findRun(id)?.forgetConversation();
  }

  bind(actor: { send(event: GroupMachineEvent): void }): void {
    this.#actor = actor as GroupActor;
  }

  send(event: GroupMachineEvent): void {
    this.#actor?.send(event);
  }

  /** A subscriber that is told of the rest may ask for the next thing at once: it waits for the next rest. */
  resting(): (settled: boolean) => void {
    const rests = [...this.#rests];
    this.#rests.clear();
    return settled => {
      const result = this.result();
      for (const { resolve } of rests) resolve(result);
      queueMicrotask(() => {
        this.#options.onRest?.(this);
        if (settled && !this.live) this.recorder.close();
      });
    };
  }

  // For the sessions' runs.

  get ledger(): Ledger {
    return this.state.ledger;
  }

  record(body: GroupEventBody): void {
    if (body.type === 'session_started') this.configs.begins(body.sessionId);
    this.recorder.record(body);
  }

  announce(body: GroupEventBody): void {
    if (body.type === 'session_started') this.configs.begins(body.sessionId);
    this.recorder.announce(body);
  }

  get storeFails(): boolean {
    return this.recorder.failure !== undefined;
  }

  internal(record: InternalRecord): void {
    this.recorder.internal(record);
  }

  tell(id: string, event: SessionMachineEvent): void {
    this.#toChild(id, event);
  }

  /** Judged in the turn in which the usage came: only crossing a threshold reaches the chart. */
  spent(): void {
    const crossing = this.state.ledger.takeCrossing();
    if (crossing) this.#toChild(BUDGET_ACTOR, { type: `budget.${crossing}` });
  }

  unavailable(code: ErrorCode): void {
    this.send({ type: 'agent.unavailable', code });
  }

  answered(id: string): void {
    const account = this.state.accountOf(id);
    if (account !== undefined) this.#options.quota.answered(account);
  }

  render(id: string): RenderedPrompt {
    return renderPrompt(this.runOf(id).session, this.#renderContext);
  }

  /** What prompts and configuration are made from. */
  get #renderContext(): RenderContext {
    const { definition, files = NO_FILES } = this.group;
    const { name, description } = definition;
    const resultOf = (upstream: string) => upstreamResult(this, upstream);
    return { group: { id: this.groupId, name, description }, files, resultOf };
  }

  get env(): HostEnvironment {
    return this.#options.env;
  }

  configure(id: string): AttemptConfig | undefined {
    return this.configs.configure(this.runOf(id).session);
  }

  environment(id: string): Record<string, string> {
    const { session } = this.runOf(id);
    const child = childEnvironment(session, this.#options.env);
    return { ...child, ...this.configs.environment(session, this.#options.env, child) };
  }

  #restore({ group: snapshot, progress }: JournalFold): void {
    restoreGroup(snapshot, this.state, (id, session) => this.#kept.set(id, { ...session }));
    this.configs.restore(snapshot);
    this.progress.restore(progress);
    this.recorder.resumeAt(snapshot.seq);
    this.#interrupted = snapshot.status === 'running';
    this.#unfinishedStop = snapshot.status === 'stopping';
    // A pause that was under way when the engine died has come to its end with it.
    if (snapshot.status === 'pausing') {
      this.recorder.internal({ type: '_taken_over' });
      for (const sessionId of stillInPlay(snapshot)) {
        this.recorder.internal({ type: '_status', sessionId, status: 'paused' });
        this.recorder.record({ type: 'session_paused', sessionId });
      }
      this.recorder.record({ type: 'group_paused', reason: pauseReasonOf(snapshot.reason) });
    }
    // So has the news of an update.
    for (const sessionId of [...snapshot.unannounced])
      this.recorder.record({ type: 'session_added', sessionId });
    if (snapshot.reopened) this.recorder.record({ type: 'group_paused', reason: 'manual' });
  }

  #toChild(id: string, event: SessionMachineEvent | { type: string }): void {
    this.#actor?.getSnapshot().children[id]?.send(event as never);
  }
}

/** Refused while records cannot be written; a stop only where nothing is live, for it ends the spending. */
const NEED_THE_JOURNAL: ReadonlySet<GroupMachineEvent['type']> = new Set([
  'run',
  'resume',
  'retry',
  'stop',
  'session.resume',
  'budget.change',
  'definition.change',
]);

/** An error of ours says itself what is wrong. */
function chartFailure(reason: unknown): SessionGroupsError {
  if (reason instanceof SessionGroupsError) return reason;
  const cause = reason instanceof Error ? reason : new Error(String(reason));
  return new SessionGroupsError('internal_error', `the group's chart has failed: ${cause.message}`, {
    cause,
  });
}

function finiteUsd(microUsd: number): number | undefined {
  return Number.isFinite(microUsd) ? toUsd(microUsd) : undefined;
}
