import type { SeenEvent, SimulatedDefinition } from '../../history.ts';
import { fieldOf, listOf, micro, numberOf, sessionOf, textOf } from '../concern.ts';
import { type End, Graph } from './graph.ts';
import { opened, type SessionTruth } from './session-truth.ts';

/**
 * Where a group stands, as a plain fold of its public events over the definition in force, and nothing else. What an
 * event does that the specification forbids is for the concerns to say; the fold takes it as it comes.
 */

export type GroupStatus =
  | 'none'
  | 'created'
  | 'running'
  | 'delivering'
  | 'pausing'
  | 'paused'
  | 'stopping'
  | 'stopped'
  | 'completed'
  | 'failed';

const SETTLING: Readonly<Record<string, 'completed' | 'failed' | 'stopped' | 'skipped'>> = {
  session_completed: 'completed',
  session_failed: 'failed',
  session_stopped: 'stopped',
  session_skipped: 'skipped',
};

const GROUP: Readonly<Record<string, GroupStatus>> = {
  group_created: 'created',
  group_started: 'running',
  group_delivering: 'delivering',
  group_pausing: 'pausing',
  group_paused: 'paused',
  group_resumed: 'running',
  group_stopping: 'stopping',
  group_stopped: 'stopped',
  group_completed: 'completed',
  group_failed: 'failed',
};

/** What is no failure of an attempt. */
const UNCOUNTED = new Set(['session_budget', 'verify_failed', 'merge_conflict']);

export class Truth {
  graph: Graph;
  status: GroupStatus = 'none';
  reason = '';
  sessions = new Map<string, SessionTruth>();
  limit: number | undefined;
  total = 0;
  /** Failures since the counter was last reset, without those that are allowed. */
  errors = 0;
  unsettled = 0;
  lastSeq = -1;
  /** Sessions that could be skipped and have not been: what was journalled last decides them. */
  readonly undecided = new Set<string>();
  /** Until when an account is closed. */
  readonly gates = new Map<string, number>();
  /** Epoch milliseconds on the clock that nobody sets, at which the last event was found in the journal. */
  now = Number.NaN;
  readonly ends = (id: string): End | undefined => this.sessions.get(id)?.end;

  constructor(definition: SimulatedDefinition) {
    this.graph = new Graph(definition);
    this.restart();
  }

  /** As before the first event, under the definition in force. */
  restart(): void {
    this.status = 'none';
    this.limit = this.definition.limitMicroUsd;
    this.total = 0;
    this.errors = 0;
    this.lastSeq = -1;
    this.undecided.clear();
    this.gates.clear();
    this.sessions = new Map(this.definition.sessions.map(({ id }) => [id, opened(id)]));
    this.unsettled = this.sessions.size;
  }

  get definition(): SimulatedDefinition {
    return this.graph.definition;
  }

  get settled(): boolean {
    return this.status === 'completed' || this.status === 'failed' || this.status === 'stopped';
  }

  /** The group was live: its owner has something to do. */
  get live(): boolean {
    return /^(running|delivering|pausing|stopping)$/.test(this.status);
  }

  get overLimit(): boolean {
    return (
      this.limit !== undefined && this.total >= this.limit && this.definition.onBudgetExceeded !== 'warn'
    );
  }

  /** I5. */
  get mayBeCompleted(): boolean {
    for (const { end } of this.sessions.values()) {
      if (end === undefined) return false;
      if (end.outcome === 'completed' || end.forgiven) continue;
      if (end.outcome !== 'skipped' || end.reason !== 'not_needed') return false;
    }
    return true;
  }

  retryable(id: string): boolean {
    const end = this.ends(id);
    if (end === undefined || end.outcome === 'completed') return false;
    return end.outcome !== 'skipped' || end.reason !== 'not_needed';
  }

  /** Nothing of it has begun: what is prepared does not show in the journal. */
  isUnstarted({ id, inPlay, end }: SessionTruth): boolean {
    if (inPlay || end !== undefined) return false;
    return this.status === 'created' || this.graph.trigger(id, this.ends) !== 'start';
  }

  /** Nothing of it is live: where it is held, it can be let go. */
  rests(session: SessionTruth): boolean {
    return session.status === 'paused' || this.isUnstarted(session);
  }

  redefine(definition: SimulatedDefinition): void {
    this.graph = new Graph(definition);
    const before = this.sessions;
    this.sessions = new Map();
    this.unsettled = 0;
    this.total = 0;
    for (const { id } of definition.sessions) {
      const session = before.get(id) ?? opened(id);
      this.sessions.set(id, session);
      this.total += session.microUsd;
      if (session.end === undefined) this.unsettled++;
    }
    this.undecided.clear();
    for (const id of this.sessions.keys()) this.#judge(id);
  }

  apply(event: SeenEvent): void {
    this.lastSeq = event.seq;
    const group = GROUP[event.type];
    if (group !== undefined) this.#applyToGroup(event, group);
    else if (event.type === 'group_retried') this.#retry(event);
    else if (event.type === 'group_updated') this.#update(event);
    else if (event.type === 'budget_changed') this.limit = limitOf(event.limitUsd);
    if (event.type === 'quota_limited') {
      this.gates.set(textOf(event.account), Date.parse(textOf(event.until)));
    }
    const session = this.sessions.get(sessionOf(event));
    if (session !== undefined) this.#applyToSession(event, session);
  }

  #applyToGroup(event: SeenEvent, status: GroupStatus): void {
    this.status = status;
    if (typeof event.reason === 'string') this.reason = event.reason;
    if (event.type === 'group_started' || event.type === 'group_resumed') this.errors = 0;
    if (status !== 'paused' && event.type !== 'group_resumed') return;
    for (const session of this.sessions.values()) {
      if (!session.inPlay) continue;
      session.status = status === 'paused' || session.held ? 'paused' : 'pending';
      session.request = undefined;
    }
  }

  #retry(event: SeenEvent): void {
    if (this.settled) {
      this.status = 'running';
      this.errors = 0;
    }
    // ASSUMPTIONS.retriedFailures: what is opened again has no failures.
    for (const id of listOf(event.sessions)) {
      const session = this.sessions.get(id);
      if (session === undefined) continue;
      if (session.end !== undefined) this.unsettled++;
      const { attempts, microUsd, estimated, conversation, fresh, started, disputed } = session;
      const kept = { attempts, microUsd, estimated, conversation, started, disputed, reopened: true };
      this.sessions.set(id, {
        ...opened(id),
        ...kept,
        fresh: fresh || event.fresh === true,
      });
    }
    this.undecided.clear();
    for (const id of this.sessions.keys()) this.#judge(id);
  }

  #update(event: SeenEvent): void {
    if (event.limitUsd !== undefined) this.limit = limitOf(event.limitUsd);
    for (const id of listOf(event.fresh)) {
      const session = this.sessions.get(id);
      if (session !== undefined) session.fresh = true;
    }
  }

  #applyToSession(event: SeenEvent, session: SessionTruth): void {
    if (typeof event.costUsd === 'number' && event.type !== 'cost_reconciled') {
      const cost = micro(event.costUsd);
      this.total += cost - session.microUsd;
      session.microUsd = cost;
      session.reconciledTo = undefined;
      if (event.type === 'session_progress') session.estimated = event.estimated === true;
    }
    if (event.type === 'cost_reconciled') {
      // The figure of the whole session follows, unless its engine dies before.
      session.reconciledTo = session.microUsd + micro(event.costUsd) - micro(event.estimatedUsd);
    }
    const settling = SETTLING[event.type];
    if (settling !== undefined) this.#settle(event, session, settling);
    switch (event.type) {
      case 'session_started':
      case 'session_resumed':
        session.status = 'running';
        session.inPlay = true;
        session.attempts = numberOf(event.attempt);
        session.conversation = textOf(event.agentSessionId);
        session.fresh = false;
        session.retry = undefined;
        session.started = this.now;
        this.undecided.delete(session.id);
        break;
      case 'session_retrying': {
        const code = textOf(fieldOf(event.error, 'code'));
        const due = this.now + numberOf(event.delayMs);
        session.status = 'retrying';
        session.retry = { due, code, attempt: numberOf(event.attempt) };
        if (!UNCOUNTED.has(code)) session.failures++;
        break;
      }
      case 'session_verifying':
      case 'session_verified':
      case 'session_integrated':
      case 'session_conflict':
        session.status = 'running';
        session.inPlay = true;
        break;
      case 'workspace_ready':
        session.inPlay = true;
        break;
      case 'session_paused':
        session.status = 'paused';
        session.inPlay = true;
        this.undecided.delete(session.id);
        break;
      case 'session_continuing':
        session.status = 'pending';
        break;
      case 'quota_limited':
        session.status = 'quota_wait';
        break;
      case 'approval_requested':
        session.status = 'awaiting_approval';
        session.request = { id: textOf(event.requestId), tool: textOf(event.tool) };
        break;
      case 'approval_answered':
        session.request = undefined;
        if (session.status === 'awaiting_approval') session.status = 'running';
        break;
    }
    if (!event.type.startsWith('approval_') && session.status !== 'awaiting_approval')
      session.request = undefined;
  }

  #settle(
    event: SeenEvent,
    session: SessionTruth,
    outcome: 'completed' | 'failed' | 'stopped' | 'skipped',
  ): void {
    if (session.end === undefined) this.unsettled--;
    const forgiven = outcome === 'failed' && this.graph.session(session.id)?.allowFailure === true;
    const reason = textOf(event.reason);
    session.end = { outcome, forgiven, ...(outcome === 'skipped' ? { reason } : {}) };
    session.status = outcome;
    session.inPlay = false;
    session.held = false; // ASSUMPTIONS.holdEnds
    session.disputed.clear();
    if (outcome === 'failed') {
      session.errorCode = textOf(fieldOf(event.error, 'code'));
      if (!forgiven) this.errors++;
    }
    this.undecided.delete(session.id);
    for (const id of this.graph.dependents(session.id)) this.#judge(id);
  }

  #judge(id: string): void {
    const session = this.sessions.get(id);
    if (session === undefined || session.end !== undefined || session.inPlay) return;
    if (this.graph.trigger(id, this.ends) === 'skip') this.undecided.add(id);
    else this.undecided.delete(id);
  }
}

export function limitOf(limit: unknown): number | undefined {
  return typeof limit === 'number' ? micro(limit) : undefined;
}
