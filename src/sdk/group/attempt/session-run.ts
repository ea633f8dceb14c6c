import type { SessionContext } from '../../../../machines/contract.ts';
import { type SessionError, UNAVAILABLE_ERROR_CODES } from '../../../../machines/vocabulary.ts';
import type {
  Agent,
  AgentEvent,
  Attempt,
  AttemptConfig,
  AttemptEnd,
  AttemptSpec,
} from '../../session/agent.ts';
import type { PermissionDenial } from '../../session/usage.ts';
import type { ResolvedSession } from '../config/resolve-session.ts';
import { attemptCap, endedByGroup } from '../cost/attempt-cap.ts';
import type { SessionFold } from '../journal/fold-session.ts';
import { restoredResult, type StoredResult } from '../journal/session-result.ts';
import type { RenderedPrompt } from '../prompts/render-prompt.ts';
import { AgentReports } from './agent-reports.ts';
import type { AttemptHost } from './attempt-host.ts';
import { attemptSpec } from './attempt-spec.ts';
import { Completion } from './completion.ts';
import { Conversation, type NextConversation } from './conversation.ts';
import { PermissionRequests } from './permission-requests.ts';
import { type Watchdog, watchAttempt } from './watchdog.ts';

/**
 * The host's side of one session: its conversation, its live attempt, what it has left. The chart decides what
 * happens; this carries it out and tells the chart what came of it.
 *
 * RUN-1 at most one attempt is live (I1): the next starts only after the last one's `ended`.
 * RUN-2 the journal has the start before the agent is started (I10).
 */
export class SessionRun {
  readonly id: string;
  readonly session: ResolvedSession;
  readonly agent: Agent;
  /** What it left when it completed. */
  left: StoredResult | undefined;
  denials: readonly PermissionDenial[] = [];
  error: SessionError | undefined;
  attempts = 0;
  failures = 0;
  /** Until when it waits, and for what, while retrying or parked. */
  waitsUntil: number | undefined;
  readonly #host: AttemptHost;
  #conversation = new Conversation();
  #attempt: Attempt | undefined;
  #watchdog: Watchdog | undefined;
  #prompt: RenderedPrompt | undefined;
  #config: AttemptConfig | undefined;
  /** What was wrong with the output that the conversation gave last. */
  #invalidOutput: string | undefined;
  /** An attempt is done, and what it left is being found out. */
  #taking: object | undefined;
  #abandoned: (() => void) | undefined;
  /** The group's limit, where what was left of it is the live attempt's cap. */
  #limitBehindCap: number | undefined;
  readonly #permissions: PermissionRequests;
  readonly #reports: AgentReports;
  readonly #completion: Completion;

  constructor(session: ResolvedSession, agent: Agent, host: AttemptHost) {
    this.id = session.id;
    this.session = session;
    this.agent = agent;
    this.#host = host;
    this.#completion = new Completion(session, agent, {
      clock: host.clock,
      env: host.env,
      folder: () => host.logDir(this.id),
      keep: baseline => host.internal({ type: '_baseline', sessionId: this.id, ...baseline }),
      warn: message => host.record({ type: 'session_warning', sessionId: this.id, message }),
    });
    this.#permissions = new PermissionRequests(this.id, session.permissions, host, () => ({
      attempt: this.#attempt,
      watchdog: this.#watchdog,
    }));
    this.#reports = new AgentReports(session, host, this.#permissions, error =>
      host.tell(this.id, { type: 'timeout', error }),
    );
  }

  get live(): boolean {
    return this.#attempt !== undefined;
  }

  /** Goes on from where another process, or a settled run of the group, left the session. */
  restore(from: SessionFold): void {
    this.attempts = from.attempts;
    this.failures = from.failures;
    this.left = from.left && restoredResult(from.left, () => this.#host.logDir(this.id));
    this.error = from.error;
    this.#invalidOutput = from.invalidOutput;
    this.#completion.restore(from.baseline);
    this.#conversation.restore(from);
  }

  /** Goes on as the run of another definition of the same session, which is not in play. */
  succeed(before: SessionRun): void {
    const { attempts, failures, left, denials, error } = before;
    Object.assign(this, { attempts, failures, left, denials, error });
    this.#conversation = before.#conversation;
    this.#invalidOutput = before.#invalidOutput;
    this.#completion.restore(before.#completion.baseline);
  }

  /** What it was told is not what it is to be told: the next attempt begins another conversation. */
  forgetConversation(): void {
    this.#conversation.forget();
  }

  /** The session is to run again: in the same conversation, unless `fresh`. */
  reopen(fresh: boolean): void {
    this.failures = 0;
    this.error = undefined;
    this.#prompt = undefined;
    if (fresh) this.#conversation.forget();
  }

  /** Prompt, configuration, and what its completion is judged by; throws or rejects for the chart's prepare_failed. */
  prepare(signal: AbortSignal): Promise<void> | undefined {
    this.#prompt = this.#host.render(this.id);
    this.#config = this.#host.configure(this.id);
    return this.#completion.prepare(signal);
  }

  start({ attempts, failures }: Pick<SessionContext, 'attempts' | 'failures'>): void {
    const conversation = this.#conversation.next(this.agent.capabilities.resume);
    if (!this.#announced(attempts, conversation)) return;
    this.#conversation.take(conversation);
    this.attempts = attempts;
    this.failures = failures;
    this.#permissions.deniedByPerson = 0;
    this.waitsUntil = undefined;
    if (!conversation.spec.resume) this.#invalidOutput = undefined;
    this.#host.ledger.openAttempt(this.id, { newConversation: !conversation.spec.resume });
    let spec: AttemptSpec;
    try {
      spec = this.#spec(attempts, conversation.spec);
    } catch (reason) {
      const message = reason instanceof Error ? reason.message : String(reason);
      const end: AttemptEnd = this.#host.storeFails
        ? { outcome: 'interrupted' } // by what the group pauses for
        : { outcome: 'failed', code: 'prepare_failed', message };
      this.#host.clock.setTimeout(() => this.#ended(end), 0);
      return;
    }
    this.#watchdog = watchAttempt(this.#host.clock, this.session.timeouts, error =>
      this.#host.tell(this.id, { type: 'timeout', error }),
    );
    this.#attempt = this.agent.start(spec, event => this.#on(event));
    const { pid } = this.#attempt;
    if (pid !== undefined) this.#host.internal({ type: '_spawned', sessionId: this.id, pid });
  }

  interrupt(): void {
    this.#attempt?.interrupt();
  }

  terminate(): void {
    this.#attempt?.terminate();
    this.#completion.cut();
  }

  kill(): void {
    this.#attempt?.kill();
    this.#completion.cut();
  }

  /** Its chart has failed, and will not be told any more: ends what is left, and says when nothing is. */
  abandon(ended: () => void): void {
    this.#abandoned = ended;
    this.#taking = undefined;
    this.#completion.cut();
    if (this.#attempt) this.#attempt.kill();
    else this.#ended({ outcome: 'interrupted' });
  }

  answer(requestId: string, decision: 'allow' | 'deny', by: string): void {
    this.#permissions.answered(requestId, decision, by);
  }

  /** The permission that a person is asked for. */
  get request(): PermissionRequests['shown'] {
    return this.#permissions.shown;
  }

  forgetRequest(): void {
    this.#permissions.shown = undefined;
  }

  /** What the journal has not got does not start (I10): the group pauses for it, and the chart takes the attempt back. */
  #announced(attempts: number, { spec, startsOver }: NextConversation): boolean {
    const attempt = { sessionId: this.id, attempt: attempts, agentSessionId: spec.id };
    try {
      this.#host.logDir(this.id); // without its folder it cannot be prepared
      this.#host.announce(
        spec.resume
          ? { type: 'session_resumed', ...attempt }
          : { type: 'session_started', ...attempt, ...(startsOver ? { startedOver: true } : {}) },
      );
      return true;
    } catch {
      this.#host.clock.setTimeout(() => this.#host.tell(this.id, { type: 'agent.unstarted' }), 0);
      return false;
    }
  }

  #spec(attempt: number, conversation: AttemptSpec['conversation']): AttemptSpec {
    this.#prompt ??= this.#host.render(this.id);
    this.#config ??= this.#host.configure(this.id);
    const { maxBudgetUsd, limitBehind } = attemptCap(this.#host.ledger, this.id, this.session.maxBudgetUsd);
    this.#limitBehindCap = limitBehind;
    return attemptSpec(this.session, {
      groupId: this.#host.groupId,
      attempt,
      conversation,
      prompt: this.#prompt,
      resumption: { invalidOutput: this.#invalidOutput },
      maxBudgetUsd: this.agent.capabilities.cap === false ? undefined : maxBudgetUsd,
      config: this.#config,
      env: this.#host.environment(this.id),
      logDir: this.#host.logDir(this.id),
    });
  }

  #on(event: AgentEvent): void {
    if (!this.#attempt) return;
    this.#watchdog?.touch();
    if (event.type === 'ended') {
      this.#ended(event.end);
      return;
    }
    if (event.type === 'started') this.#conversation.begun();
    this.#reports.take(event);
  }

  #ended(end: AttemptEnd): void {
    this.#watchdog?.stop();
    this.#watchdog = undefined;
    this.#attempt = undefined;
    this.#reports.close();
    if (this.#abandoned) {
      const abandoned = this.#abandoned;
      this.#abandoned = undefined;
      abandoned();
      return;
    }
    switch (end.outcome) {
      case 'done':
        this.#done(end);
        break;
      case 'failed':
        this.#failed({ code: end.code, message: end.message });
        break;
      case 'limited':
        this.#host.tell(this.id, {
          type: 'agent.limited',
          message: end.message,
          ...(end.until === undefined ? {} : { until: end.until }),
        });
        break;
      case 'interrupted':
        this.#host.tell(this.id, { type: 'agent.ended' });
        break;
    }
  }

  /** It is over for the chart, and another attempt can start, once what it left is known (RUN-1). */
  #done(end: Extract<AttemptEnd, { outcome: 'done' }>): void {
    const denials = Math.max(0, end.denials.length - this.#permissions.deniedByPerson);
    const isRefused = denials > 0 && this.session.permissions.onRequest !== 'deny'; // which the chart judges
    const complaint = isRefused ? undefined : this.#completion.complaintOf(end);
    if (complaint !== undefined) {
      this.#failed({ code: 'output_invalid', message: complaint });
      return;
    }
    const taking = {};
    this.#taking = taking;
    this.#completion.take(end, left => {
      if (this.#taking !== taking) return; // it was abandoned meanwhile
      this.#taking = undefined;
      this.left = left;
      this.denials = end.denials;
      this.#host.tell(this.id, { type: 'agent.done', denials });
    });
  }

  #failed(error: SessionError): void {
    if (error.code === 'output_invalid') {
      this.#invalidOutput = error.message;
      this.#host.internal({ type: '_invalid_output', sessionId: this.id, message: error.message });
    }
    if (error.code === 'session_budget' && endedByGroup(this.#host.ledger, this.#limitBehindCap)) {
      this.#host.tell(this.id, { type: 'agent.capped', error });
      return;
    }
    if (UNAVAILABLE_ERROR_CODES.includes(error.code)) this.#host.unavailable(error.code);
    this.#host.tell(this.id, { type: 'agent.failed', error });
  }
}
