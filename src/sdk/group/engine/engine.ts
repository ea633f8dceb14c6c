import type { GroupMachineEvent } from '../../../../machines/contract.ts';
import { QUOTA_ACTOR } from '../../../../machines/group.ground.ts';
import { type GroupStatus, isLiveGroup, isSettledGroup } from '../../../../machines/vocabulary.ts';
import type { Clock } from '../../clock.ts';
import { type CommandRunner, runCommands } from '../../delivery/run-commands.ts';
import { SessionGroupsError } from '../../errors.ts';
import type { WorkspacePort } from '../../workspace/port.ts';
import type { AttemptHost } from '../attempt/attempt-host.ts';
import { configSource, SessionConfigs } from '../attempt/session-configs.ts';
import type { SessionRun } from '../attempt/session-run.ts';
import type { HostEnvironment } from '../config/environment.ts';
import { limitInUsd } from '../cost/ledger.ts';
import { copyFold } from '../journal/fold.ts';
import { takesMessage } from '../journal/session-lists.ts';
import type { GroupResult, WaitReason } from '../progress/progress.ts';
import { ProgressAggregator } from '../progress-aggregator.ts';
import type { AccountGate } from '../schedule/quota-gate.ts';
import { groupResult } from '../standing/result.ts';
import { type Standing, whyGroup, whySession } from '../standing/why.ts';
import type { NewDefinition } from '../store/store.ts';
import type { SessionGroup } from '../types.ts';
import { attemptHost } from './attempts.ts';
import { chartEffects } from './chart-effects.ts';
import type { EngineOptions } from './engine-options.ts';
import type { GroupEngine } from './group-engine.ts';
import { createGroupState, type GroupState, type ProjectPlaces } from './group-state.ts';
import { liveStanding, storeErrorOf } from './live-standing.ts';
import { type ProvidedGroup, provideGroup, type Receiver, tell } from './provide.ts';
import { Recorder } from './recorder.ts';
import { Redefiner } from './redefiner.ts';
import { renderContext } from './render-context.ts';
import { needsJournal, Requests } from './requests/requests.ts';
import { chartFailure, RestWaiters } from './requests/rest-waiters.ts';
import { restoreGroup } from './restore.ts';
import { SessionRuns } from './session-runs.ts';
import { mergedIn } from './trees/group-delivery.ts';

/** What the engine needs from the group's actor, which the host may have created. */
interface GroupActor
  extends Receiver<{ readonly children: Readonly<Record<string, Receiver | undefined>> }> {}

/**
 * Carries out what the group's chart decides, and feeds the agents' reports back to it.
 *
 * RUNNER-1 the engine decides nothing: a decision that is in neither the charts nor the roster is a mistake.
 * RUNNER-2 the engine doesn't own the actor: it gets to know it when the chart starts, and only sends events to it.
 * RUNNER-3 everyone who waits for the group to come to rest is answered, even if the chart itself fails.
 */
export class Engine implements GroupEngine {
  readonly groupId: string;
  /** With the definition in force. */
  group: SessionGroup;
  readonly clock: Clock;
  readonly attended: boolean;
  readonly env: HostEnvironment;
  readonly quota: AccountGate;
  readonly places: ProjectPlaces;
  readonly state: GroupState;
  readonly progress: ProgressAggregator;
  readonly recorder: Recorder;
  readonly requests: Requests;
  readonly rests: RestWaiters;
  readonly configs: SessionConfigs;
  readonly redefiner = new Redefiner(this);
  readonly attempts: AttemptHost;
  readonly machine: ProvidedGroup;
  readonly #options: EngineOptions;
  readonly #runs = new SessionRuns(this);
  readonly #standing: Standing;
  /** It was live when its engine died, and nobody has taken it up since. */
  #interrupted: boolean;
  readonly #off: (() => void)[];
  #actor: GroupActor | undefined;
  #workspaces: WorkspacePort | undefined;

  constructor(options: EngineOptions) {
    const { group, clock, journal, fold } = options;
    const { definition } = group;
    this.#options = options;
    this.group = group;
    this.groupId = group.id;
    this.clock = clock;
    this.attended = options.attended ?? false;
    this.env = options.env;
    this.quota = options.quota;
    this.places = options.projects;
    this.attempts = attemptHost(this, options.executor);
    this.configs = new SessionConfigs({
      ...configSource(group, () => renderContext(this), options.agents),
      folderOf: id => this.logDir(id),
      record: body => this.recorder.record(body),
    });
    this.state = createGroupState({
      ...options,
      generates: session => this.configs.generates(session),
      groupId: group.id,
      definition,
      historyOf: id => this.#runs.historyOf(id),
      takesMessage: id => takesMessage(this.progress.fold.sessions.get(id)),
      durationOf: id => this.progress.durationOf(id),
      repositoryOf: id => this.findRun(id)?.tree?.tree.order?.repository ?? '',
      merged: () => mergedIn(this).size > 0,
      restored: fold?.status === 'created' ? undefined : fold?.status,
      unwritten: () => this.recorder.held.length > 0,
      writing: () => this.recorder.isWriting,
      admits: () => this.requests.admits,
      here: this.attempts.executor.here,
      treesElsewhere: this.attempts.executor.step !== undefined,
    });
    this.progress = new ProgressAggregator(
      {
        groupId: group.id,
        name: definition.name,
        sessions: definition.sessions,
        maxConcurrent: definition.config.concurrency.maxConcurrent,
        clock,
        why: id => this.why(id),
        limitUsd: () => limitInUsd(this.state.ledger.limitMicroUsd),
      },
      fold && copyFold(fold),
    );
    this.#interrupted = fold !== undefined && isLiveGroup(fold.status);
    // The record may belong to a chart step that is still in progress.
    const onFailing = () => queueMicrotask(() => this.send({ type: 'journal.failed' }));
    this.recorder = new Recorder({
      clock,
      journal,
      progress: this.progress,
      onFailing,
      onRecord: record => options.onRecord?.(record, this.progress),
      // What has settled is concluded once it is written.
      onAnswered: () => {
        if (this.live) this.send({ type: 'admission.changed' });
      },
      interrupted: this.#interrupted,
    });
    this.#standing = liveStanding(this);
    this.rests = new RestWaiters({
      result: () => this.result(),
      storeError: () => storeErrorOf(this),
      answered: () => this.recorder.answered(),
      onRest: () => options.onRest?.(),
    });
    this.requests = new Requests(this.progress);
    this.machine = provideGroup(chartEffects(this));
    this.#off = [
      options.projects.onFreed(project => {
        if (this.state.roster.admissions.waitsForProject(project)) this.send({ type: 'admission.changed' });
      }),
      options.quota.onClose(() => this.sendTo(QUOTA_ACTOR, { type: 'quota.limited' })),
    ];
    if (fold) this.#restore();
    else void this.recorder.announce({ type: 'group_created', name: definition.name });
  }

  get workspaces(): WorkspacePort {
    this.#workspaces ??= this.#options.workspaces();
    return this.#workspaces;
  }

  get commands(): CommandRunner {
    return this.#options.commands ?? runCommands;
  }

  get status(): GroupStatus {
    return this.progress.status;
  }

  /** Whether agents may be at work. */
  get live(): boolean {
    return !this.#interrupted && isLiveGroup(this.status);
  }

  get atRest(): boolean {
    return this.status === 'paused' || isSettledGroup(this.status);
  }

  /** A stop that was journalled is finished, whatever is requested (design-docs/spec-session-groups.md §8). */
  get stopUnfinished(): boolean {
    return this.#interrupted && this.status === 'stopping';
  }

  sessionOfRequest(requestId: string): string | undefined {
    return this.#runs.sessionOfRequest(requestId);
  }

  logDir(id: string): string | undefined {
    try {
      return this.#options.logDirOf?.(id);
    } catch (reason) {
      throw this.recorder.fail(reason);
    }
  }

  runOf(id: string): SessionRun {
    return this.#runs.of(id);
  }

  findRun(id: string): SessionRun | undefined {
    return this.#runs.find(id);
  }

  why(id?: string): WaitReason | undefined {
    return id === undefined ? whyGroup(this.#standing) : whySession(this.#standing, id);
  }

  result(): GroupResult {
    return { ...groupResult(this.progress, id => this.findRun(id)?.left), ...storeErrorOf(this) };
  }

  /** Sends a request to the chart; resolves once it is accepted, rejects with a RefusedError (I15). */
  async request(event: GroupMachineEvent): Promise<void> {
    if (!this.#actor) throw new SessionGroupsError('not_started', "the group's actor has not been started");
    const needsIt = needsJournal(event.type) && !(event.type === 'stop' && this.live);
    // Requests are applied in their order: the others wait, too.
    const recovering = needsIt ? this.recorder.recover() : this.recorder.recovering;
    if (recovering) await recovering.catch(reason => needsIt && Promise.reject(reason));
    const send = (request: string) => this.send({ ...event, request } as GroupMachineEvent);
    await this.requests.open(send, 'id' in event ? event.id : undefined);
  }

  /** The group's own chart has failed: ends everything that runs, and answers everyone who waits. */
  crashed(reason: unknown): void {
    // XState ends no child of an actor that has failed: without this, a session that is being prepared would start.
    for (const id of this.state.roster.actors()) this.sendTo(id, { type: 'group.gone' });
    this.sendTo(QUOTA_ACTOR, { type: 'group.left' });
    this.endAll();
    const failure = chartFailure(reason);
    this.requests.failAll(failure);
    this.rests.failAll(failure);
    this.recorder.record({ type: 'group_failed', reason: 'internal_error' });
    this.#leave();
    this.rests.settlements.next(this.result());
  }

  /** Ends the agents that are still there, where no chart is left to do it. */
  endAll(): void {
    this.#runs.killAll();
  }

  /** @param over what whoever still waits for a rest is told. */
  close(over: SessionGroupsError): void {
    this.#leave();
    this.rests.close(over);
    this.recorder.close();
  }

  // For the parts of the engine.

  keep(revision: number, next: NewDefinition): SessionGroup | Promise<SessionGroup> {
    if (!this.#options.keep) throw new SessionGroupsError('not_kept', 'definitions cannot be stored here');
    return this.#options.keep(revision, next);
  }

  adopt(group: SessionGroup, { removed, fresh }: Parameters<GroupEngine['adopt']>[1]): void {
    this.group = group;
    this.configs.redefine(configSource(group, () => renderContext(this), this.#options.agents));
    this.#runs.redefine(removed);
    for (const id of fresh) this.findRun(id)?.forgetConversation();
  }

  takeOver(): void {
    this.#interrupted = false;
  }

  bind(actor: { send(event: GroupMachineEvent): void }): void {
    if (this.#actor) throw new SessionGroupsError('already_started', `${this.groupId} has an actor already`);
    this.#actor = actor as GroupActor;
  }

  send(event: GroupMachineEvent): void {
    tell(this.#actor, event);
  }

  resting(): (settled: boolean) => void {
    return this.rests.resting();
  }

  sendTo(id: string, event: { readonly type: string }): void {
    const actor = this.state.roster.actorOf(id) ?? this.#actor?.getSnapshot().children[id];
    tell(actor, event);
  }

  #leave(): void {
    for (const off of this.#off.splice(0)) off();
    this.configs.close();
    void this.attempts.executor.close();
  }

  #restore(): void {
    const { fold } = this.progress;
    restoreGroup(fold, this.state, (id, session) => this.#runs.keep(id, session));
    this.configs.restore(fold);
    for (const [account, until] of Object.entries(fold.closedUntil)) this.quota.keepClosed(account, until);
    // The news of an update that its engine had still to tell of.
    for (const sessionId of [...fold.unannounced]) this.recorder.record({ type: 'session_added', sessionId });
  }
}
