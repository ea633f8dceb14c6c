import { randomUUID } from 'node:crypto';
import { Subject } from 'rxjs';
import type {
  GroupMachineEvent,
  RefusalCode,
  SessionContext,
  SessionMachineEvent,
} from '../../../machines/contract.ts';
import { BUDGET_ACTOR, type JournalledStep, QUOTA_ACTOR } from '../../../machines/group.setup.ts';
import type { ErrorCode, GroupStatus, PauseReason, SessionStatus } from '../../../machines/vocabulary.ts';
import { type Clock, isoTime } from '../clock.ts';
import { childEnvironment, type HostEnvironment } from './environment.ts';
import { RefusedError, SessionGroupsError } from './errors.ts';
import type { GroupEvent, GroupEventBody } from './events.ts';
import { createGroupState, type GroupState, type GroupStateOptions } from './group-state.ts';
import type { Journal, JournalRecord } from './journal.ts';
import { toUsd } from './ledger.ts';
import type { GroupResult, WaitReason } from './progress.ts';
import { ProgressAggregator } from './progress-aggregator.ts';
import { type ChartHost, type ProvidedGroup, provideGroup } from './provide.ts';
import { refusalText } from './refusal-text.ts';
import { type RenderedPrompt, renderPrompt } from './render-prompt.ts';
import { groupResult, upstreamResult } from './result.ts';
import { SessionRun, type SessionRunHost } from './session-run.ts';
import type { SessionGroup } from './types.ts';
import { whyGroup, whySession } from './why.ts';

export interface GroupRunnerOptions extends Omit<GroupStateOptions, 'groupId' | 'definition' | 'attemptsOf'> {
  readonly group: SessionGroup;
  readonly journal: Journal;
  readonly env: HostEnvironment;
  /** Somebody answers permission requests. Default: false. */
  readonly attended?: boolean;
}

/** What the runner needs of the group's actor, whoever created it. */
interface GroupActor {
  send(event: GroupMachineEvent): void;
  getSnapshot(): { readonly children: Readonly<Record<string, { send(event: never): void } | undefined>> };
}

/**
 * Carries out what the group's chart decides: journals, starts agents, feeds their reports back.
 *
 * G1 a record reaches the journal before the effect that it announces, then the progress, then subscribers (I10).
 * G2 every request is answered: accepted, or refused with a reason (I15).
 * G3 the runner decides nothing itself; a decision that is not in the charts or the roster is a mistake.
 */
export class GroupRunner implements ChartHost, SessionRunHost {
  readonly groupId: string;
  readonly group: SessionGroup;
  readonly clock: Clock;
  readonly attended: boolean;
  readonly state: GroupState;
  readonly progress: ProgressAggregator;
  readonly machine: ProvidedGroup;
  readonly events = new Subject<GroupEvent>();
  /** After each record, and whenever waiting reasons may have changed. */
  readonly changes = new Subject<void>();
  readonly #options: GroupRunnerOptions;
  readonly #runs = new Map<string, SessionRun>();
  readonly #requests = new Map<string, { accept: () => void; refuse: (error: Error) => void }>();
  readonly #rests = new Set<{ resolve: (result: GroupResult) => void; reject: (error: Error) => void }>();
  readonly #off: (() => void)[] = [];
  #actor: GroupActor | undefined;
  #seq = 0;
  #finished = false;

  constructor(options: GroupRunnerOptions) {
    const { group, clock } = options;
    this.#options = options;
    this.group = group;
    this.groupId = group.id;
    this.clock = clock;
    this.attended = options.attended ?? false;
    this.state = createGroupState({
      ...options,
      groupId: group.id,
      definition: group.definition,
      attemptsOf: id => this.#runs.get(id)?.attempts ?? 0,
    });
    this.machine = provideGroup(this);
    this.progress = new ProgressAggregator({
      groupId: group.id,
      name: group.definition.name,
      sessions: group.definition.sessions,
      maxConcurrent: group.definition.config.concurrency.maxConcurrent,
      clock,
      why: id => this.why(id),
      limitUsd: () => {
        const { limitMicroUsd } = this.state.ledger;
        return limitMicroUsd === Number.POSITIVE_INFINITY ? undefined : toUsd(limitMicroUsd);
      },
    });
    this.#off.push(
      options.projects.onFreed(() => this.#actor?.send({ type: 'admission.changed' })),
      options.quota.onClose(() => this.#toChild(QUOTA_ACTOR, { type: 'quota.limited' })),
    );
    this.record({ type: 'group_created', name: group.definition.name });
  }

  get status(): GroupStatus {
    return this.progress.status;
  }

  /** True once the group has settled; a retry makes it false again. */
  get finished(): boolean {
    return this.#finished;
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

  /** Undefined for a session that has not been in play. */
  findRun(id: string): SessionRun | undefined {
    return this.#runs.get(id);
  }

  /** Sends a request to the chart; resolves when it was accepted, rejects with a RefusedError (G2). */
  request(event: GroupMachineEvent): Promise<void> {
    const actor = this.#actor;
    if (!actor) {
      return Promise.reject(new SessionGroupsError('not_started', "the group's actor has not been started"));
    }
    const request = randomUUID();
    return new Promise((accept, refuse) => {
      this.#requests.set(request, { accept, refuse });
      actor.send({ ...event, request } as GroupMachineEvent);
      if (this.#requests.delete(request)) {
        refuse(new RefusedError('not_in_this_state', refusalText('not_in_this_state', this.status)));
      }
    });
  }

  /** Resolves the next time the group is paused or settled. */
  rest(): Promise<GroupResult> {
    return new Promise((resolve, reject) => this.#rests.add({ resolve, reject }));
  }

  why(id?: string): WaitReason | undefined {
    return id === undefined ? whyGroup(this) : whySession(this, id);
  }

  result(): GroupResult {
    return groupResult(this);
  }

  /** The group's own chart has failed: nothing may be left running, and nobody left waiting. */
  crashed(error: unknown): void {
    for (const run of this.#runs.values()) run.kill();
    const cause = error instanceof Error ? error : new Error(String(error));
    const failure = new SessionGroupsError(
      'internal_error',
      `the group's chart has failed: ${cause.message}`,
      { cause },
    );
    for (const { reject } of this.#rests) reject(failure);
    this.#rests.clear();
    for (const { refuse } of this.#requests.values()) refuse(failure);
    this.#requests.clear();
    this.record({ type: 'group_failed', reason: 'internal_error' });
  }

  close(): void {
    for (const off of this.#off.splice(0)) off();
    this.events.complete();
    this.changes.complete();
  }

  // What the charts ask for.

  bind(actor: { send(event: GroupMachineEvent): void }): void {
    this.#actor = actor as GroupActor;
  }

  journal(step: JournalledStep, event: GroupMachineEvent): void {
    const reason = this.state.roster.reason ?? 'manual';
    switch (step) {
      case 'group_started':
        this.#started();
        break;
      case 'group_retried':
        this.record({
          type: step,
          sessions: 'sessions' in event && event.sessions ? [...event.sessions] : [],
        });
        break;
      case 'group_pausing':
      case 'group_paused':
        this.record({ type: step, reason: reason as PauseReason });
        break;
      case 'group_stopping':
      case 'group_stopped':
      case 'group_failed':
        this.record({ type: step, reason });
        break;
      case 'group_resumed':
      case 'group_completed':
        this.record({ type: step });
        break;
    }
    if (RESTS.has(step)) queueMicrotask(() => this.#rested(step !== 'group_paused'));
  }

  publish(): void {
    const idOf = (index: number) => this.state.graph.nodes[index]?.id ?? '';
    for (const note of this.state.roster.takeNotes()) {
      const sessionId = idOf(note.index);
      if (note.type === 'resolved') {
        this.record({ type: 'dependency_resolved', sessionId, dependency: idOf(note.dependency) });
      } else if (note.type === 'skipped') {
        this.record({
          type: 'session_skipped',
          sessionId,
          reason: note.reason,
          because: note.because.map(idOf),
        });
      } else {
        this.record({
          type: 'session_stopped',
          sessionId,
          costUsd: toUsd(this.state.ledger.costOf(sessionId)),
        });
      }
    }
  }

  accept(request: string | undefined): void {
    this.#answer(request)?.accept();
  }

  refuse(request: string | undefined, code: RefusalCode): void {
    this.#answer(request)?.refuse(new RefusedError(code, refusalText(code, this.status)));
  }

  bury(sessionId: string, error: unknown): void {
    const run = this.#runs.get(sessionId);
    const message = `the session's chart has failed: ${error instanceof Error ? error.message : String(error)}`;
    run?.kill();
    const failure = { code: 'process_lost' as const, message };
    this.record({
      type: 'session_failed',
      sessionId,
      error: failure,
      costUsd: toUsd(this.state.ledger.costOf(sessionId)),
    });
    this.#actor?.send({ type: 'session.settled', id: sessionId, outcome: 'failed', error: failure });
  }

  journalBudget(type: 'budget_warning' | 'budget_exceeded' | 'budget_changed', request?: string): void {
    const { ledger } = this.state;
    const usageUsd = toUsd(ledger.usedMicroUsd);
    const limitUsd = toUsd(ledger.limitMicroUsd);
    if (type === 'budget_warning') this.record({ type, usageUsd, limitUsd });
    else if (type === 'budget_exceeded') this.record({ type, usageUsd, limitUsd, action: ledger.action });
    else this.record({ type, limitUsd: Number.isFinite(limitUsd) ? limitUsd : 'none' });
    this.accept(request);
  }

  prepare(id: string): void {
    this.runOf(id).prepare();
  }

  startAttempt(context: SessionContext): void {
    this.runOf(context.id).start(context);
  }

  interrupt(id: string): void {
    this.#runs.get(id)?.interrupt();
  }

  terminate(id: string): void {
    this.#runs.get(id)?.terminate();
  }

  kill(id: string): void {
    this.#runs.get(id)?.kill();
  }

  answer(id: string, requestId: string, decision: 'allow' | 'deny', by: string): void {
    this.#runs.get(id)?.answer(requestId, decision, by);
  }

  show({ id, error }: SessionContext, status: SessionStatus): void {
    const costUsd = toUsd(this.state.ledger.costOf(id));
    const run = this.runOf(id);
    switch (status) {
      case 'completed':
        this.record({
          type: 'session_completed',
          sessionId: id,
          costUsd,
          tokens: this.state.ledger.tokensOf(id),
          durationMs: Math.round(run.durationMs),
          result: run.result ?? '',
          ...(run.output === undefined ? {} : { output: run.output }),
          permissionDenials: run.denials.map(({ tool, toolUseId }) =>
            toolUseId ? { tool, toolUseId } : { tool },
          ),
        });
        break;
      case 'failed':
        run.error = error ?? { code: 'process_lost', message: 'the agent ended without a result' };
        this.record({ type: 'session_failed', sessionId: id, error: run.error, costUsd });
        break;
      case 'stopped':
        this.record({ type: 'session_stopped', sessionId: id, costUsd });
        break;
      case 'paused':
        this.#record({ type: '_status', sessionId: id, status });
        this.record({ type: 'session_paused', sessionId: id });
        break;
      default:
        this.#record({ type: '_status', sessionId: id, status });
    }
  }

  announceRetry({ id, attempts, deadline, error }: SessionContext, code: ErrorCode): void {
    const run = this.runOf(id);
    run.error = error ?? { code, message: 'the agent ended without a result' };
    run.waitsUntil = deadline;
    this.record({
      type: 'session_retrying',
      sessionId: id,
      attempt: attempts + 1,
      delayMs: Math.max(0, Math.round(deadline - this.clock.now())),
      error: run.error,
    });
  }

  announceLimit({ id, deadline }: SessionContext): void {
    this.runOf(id).waitsUntil = deadline;
    this.record({
      type: 'quota_limited',
      account: this.state.accountOf(id) ?? this.runOf(id).agent.kind,
      until: new Date(deadline).toISOString(),
      sessionId: id,
    });
  }

  noteRequest(id: string, requestId: string | undefined): void {
    this.state.roster.noteRequest(id, requestId);
    if (requestId === undefined) this.runOf(id).request = undefined;
  }

  // What a session's run asks for.

  get ledger() {
    return this.state.ledger;
  }

  record(body: GroupEventBody): void {
    const { type, ...fields } = body;
    this.#record({
      type,
      seq: this.#seq++,
      time: isoTime(this.clock),
      groupId: this.groupId,
      ...fields,
    } as GroupEvent);
  }

  spawned(id: string, pid: number): void {
    this.#record({ type: '_spawned', sessionId: id, pid });
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
    this.#actor?.send({ type: 'agent.unavailable', code });
  }

  answered(id: string): void {
    const account = this.state.accountOf(id);
    if (account !== undefined) this.#options.quota.answered(account);
  }

  render(id: string): RenderedPrompt {
    const { definition } = this.group;
    const session = definition.sessions.find(candidate => candidate.id === id);
    if (!session) throw new SessionGroupsError('unknown_session', `there is no session "${id}"`);
    return renderPrompt(
      session,
      { id: this.groupId, name: definition.name, description: definition.description },
      upstream => upstreamResult(this, upstream),
    );
  }

  environment(id: string): Record<string, string> {
    const session = this.state.sessions.get(id);
    return session ? childEnvironment(session, this.#options.env) : {};
  }

  #started(): void {
    const { graph, sessions } = this.state;
    const { maxConcurrent } = this.group.definition.config.concurrency;
    this.record({ type: 'group_started', sessionCount: sessions.size, maxConcurrent });
    for (const node of graph.nodes) {
      if (node.dependencies.length === 0) continue;
      const waitingFor = node.dependencies.map(edge => graph.nodes[edge.to]?.id ?? '');
      this.record({ type: 'dependency_waiting', sessionId: node.id, waitingFor });
    }
  }

  #record(record: JournalRecord): void {
    this.#options.journal.append(record);
    this.progress.apply(record);
    if ('seq' in record) this.events.next(record);
    this.changes.next();
  }

  #answer(request: string | undefined) {
    const waiting = request === undefined ? undefined : this.#requests.get(request);
    if (request !== undefined) this.#requests.delete(request);
    return waiting;
  }

  #toChild(id: string, event: SessionMachineEvent | { type: string }): void {
    this.#actor?.getSnapshot().children[id]?.send(event as never);
  }

  #rested(settled: boolean): void {
    this.#finished = settled;
    const rests = [...this.#rests];
    this.#rests.clear();
    const result = this.result();
    for (const { resolve } of rests) resolve(result);
    this.changes.next();
    if (settled) this.close();
  }
}

const RESTS: ReadonlySet<JournalledStep> = new Set([
  'group_paused',
  'group_stopped',
  'group_completed',
  'group_failed',
]);
