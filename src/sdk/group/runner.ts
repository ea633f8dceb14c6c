import type { GroupMachineEvent, SessionMachineEvent } from '../../../machines/contract.ts';
import { BUDGET_ACTOR, QUOTA_ACTOR } from '../../../machines/group.setup.ts';
import { type ErrorCode, type GroupStatus, isLiveStatus } from '../../../machines/vocabulary.ts';
import { type Clock, isoTime } from '../clock.ts';
import type { AttemptConfig } from '../session/agent.ts';
import { chartEffects, type EffectsOwner } from './chart-effects.ts';
import { childEnvironment, type HostEnvironment } from './environment.ts';
import { SessionGroupsError } from './errors.ts';
import type { GroupEventBody } from './events.ts';
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
import { type RenderContext, type RenderedPrompt, renderPrompt } from './render-prompt.ts';
import { Requests } from './requests.ts';
import { restoredStatus, restoreGroup, stillInPlay } from './restore.ts';
import { groupResult, upstreamResult } from './result.ts';
import { SessionRun, type SessionRunHost } from './session-run.ts';
import { SessionConfigs } from './session-configs.ts';
import type { SessionGroup } from './types.ts';
import { whyGroup, whySession } from './why.ts';

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
export class GroupRunner implements EffectsOwner, SessionRunHost {
  readonly groupId: string;
  readonly group: SessionGroup;
  readonly clock: Clock;
  readonly attended: boolean;
  readonly state: GroupState;
  readonly progress: ProgressAggregator;
  readonly recorder: Recorder;
  readonly requests: Requests;
  readonly machine: ProvidedGroup;
  readonly configs: SessionConfigs;
  readonly #options: GroupRunnerOptions;
  readonly #runs = new Map<string, SessionRun>();
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
    this.state = createGroupState({
    this.configs = new SessionConfigs({
      ...configSource(group, () => this.#renderContext),
      folderOf: id => this.logDir(id),
      record: body => this.record(body),
    });
      ...options,
      groupId: group.id,
      generates: session => this.configs.generates(session),
      definition,
      historyOf: id => ({
        attempts: this.#runs.get(id)?.attempts ?? 0,
        failures: this.#runs.get(id)?.failures ?? 0,
      }),
      durationOf: id => this.#runs.get(id)?.durationMs,
      restored: fold && restoredStatus(fold.group.status),
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
    this.recorder = new Recorder({ groupId: group.id, clock, journal, progress: this.progress });
    this.requests = new Requests(() => this.status);
    this.machine = provideGroup(chartEffects(this));
    this.#off = [
      options.projects.onFreed(project => {
        if (this.state.roster.waitsForProject(project)) this.send({ type: 'admission.changed' });
      }),
      options.quota.onClose(() => this.#toChild(QUOTA_ACTOR, { type: 'quota.limited' })),
    ];
    if (fold) this.#restore(fold);
    else this.recorder.record({ type: 'group_created', name: definition.name });
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
    return this.#options.logDirOf?.(id);
  }

  runOf(id: string): SessionRun {
    let run = this.#runs.get(id);
    if (!run) {
      const session = this.state.sessions.get(id);
      if (!session) throw new SessionGroupsError('unknown_session', `there is no session "${id}"`);
      run = new SessionRun(session, this.state.agentOf(id), this);
      this.#runs.set(id, run);
    }
    return run;
  }

  findRun(id: string): SessionRun | undefined {
    return this.#runs.get(id);
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
    if (event.type === 'retry') this.recorder.reopen();
    this.#interrupted = this.#interrupted && event.type !== 'run';
    this.#unfinishedStop = this.#unfinishedStop && event.type !== 'stop';
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
    try {
      this.recorder.record({ type: 'group_failed', reason: 'internal_error' });
    } catch {
      // It may be the journal that has failed; whoever waited has been told why.
    }
    this.close();
  }

  close(): void {
    for (const off of this.#off.splice(0)) off();
    this.recorder.close();
  }

  // For the charts' effects.

  bind(actor: { send(event: GroupMachineEvent): void }): void {
    this.#actor = actor as GroupActor;
  }

  send(event: GroupMachineEvent): void {
    this.configs.close();
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
    this.recorder.record(body);
  }

  internal(record: InternalRecord): void {
    this.recorder.internal(record);
  }

  tell(id: string, event: SessionMachineEvent): void {
    this.#toChild(id, event);
    if (body.type === 'session_started') this.configs.begins(body.sessionId);
  }

  /** Judged in the turn in which the usage came: only crossing a threshold reaches the chart. */
  announce(body: GroupEventBody): void {
    if (body.type === 'session_started') this.configs.begins(body.sessionId);
    this.recorder.announce(body);
  }

  get storeFails(): boolean {
    return this.recorder.failure !== undefined;
  }

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

  configure(id: string): AttemptConfig | undefined {
    return this.configs.configure(this.runOf(id).session);
  }

  environment(id: string): Record<string, string> {
    const { session } = this.runOf(id);
    const child = childEnvironment(session, this.#options.env);
    return { ...child, ...this.configs.environment(session, this.#options.env, child) };
  }

  #restore({ group: snapshot, progress }: JournalFold): void {
    restoreGroup(snapshot, this.state, id => this.runOf(id));
    this.progress.restore(progress);
    this.recorder.resumeAt(snapshot.seq);
    this.#interrupted = snapshot.status === 'running';
    this.#unfinishedStop = snapshot.status === 'stopping';
    // A pause that was under way when the engine died has come to its end with it.
    if (snapshot.status === 'pausing') {
      for (const sessionId of stillInPlay(snapshot)) {
        this.recorder.internal({ type: '_status', sessionId, status: 'paused' });
        this.recorder.record({ type: 'session_paused', sessionId });
    this.configs.restore(snapshot);
      }
      this.recorder.record({ type: 'group_paused', reason: pauseReasonOf(snapshot.reason) });
    }
  }

  #toChild(id: string, event: SessionMachineEvent | { type: string }): void {
    this.#actor?.getSnapshot().children[id]?.send(event as never);
  }
}

/** An error of ours, such as the journal's, says itself what is wrong. */
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
