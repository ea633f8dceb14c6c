import { randomUUID } from 'node:crypto';
import type { SessionContext, SessionMachineEvent } from '../../../machines/contract.ts';
import { type ErrorCode, type SessionError, UNAVAILABLE_ERROR_CODES } from '../../../machines/vocabulary.ts';
import type { Clock } from '../clock.ts';
import type { Agent, AgentEvent, Attempt, AttemptConfig, AttemptEnd, AttemptSpec } from '../session/agent.ts';
import { type ApprovalRequest, Approvals } from './approvals.ts';
import { attemptCap } from './attempt-cap.ts';
import type { PermissionDenial } from './events.ts';
import type { SessionSnapshot } from './fold.ts';
import type { RenderedPrompt } from './render-prompt.ts';
import type { ResolvedSession } from './resolve-session.ts';
import { openingMessage } from './resume-message.ts';
import { SessionSpend, type SpendHost } from './session-spend.ts';
import { ToolLog } from './tool-log.ts';
import { type Watchdog, watchAttempt } from './watchdog.ts';

/** What a session's run needs of its group. */
export interface SessionRunHost extends SpendHost {
  readonly groupId: string;
  readonly clock: Clock;
  /** To the session's actor. */
  tell(id: string, event: SessionMachineEvent): void;
  unavailable(code: ErrorCode): void;
  answered(id: string): void;
  render(id: string): RenderedPrompt;
  /** Generates the session's configuration, and journals it where it is new; undefined: none is switched on. */
  configure(id: string): AttemptConfig | undefined;
  environment(id: string): Record<string, string>;
  /** Folder for the session's logs; undefined where none are kept. */
  logDir(id: string): string | undefined;
  /** Whether somebody can answer a permission request. */
  readonly attended: boolean;
}

/**
 * The host's side of one session: its conversation, its live attempt, what it has left. The chart decides what
 * happens; this carries it out and tells the chart what came of it.
 *
 * N1 at most one attempt is live (I1): the next starts only after the last one's `ended`.
 * N2 the journal has the start before the agent is started (I10).
 */
export class SessionRun {
  readonly id: string;
  readonly session: ResolvedSession;
  readonly agent: Agent;
  /** What the last attempt left. */
  result: string | undefined;
  output: unknown;
  denials: readonly PermissionDenial[] = [];
  error: SessionError | undefined;
  attempts = 0;
  failures = 0;
  /** Until when it waits, and for what, while retrying or parked. */
  waitsUntil: number | undefined;
  request: { readonly requestId: string; readonly tool: string } | undefined;
  readonly #host: SessionRunHost;
  #conversation: string = randomUUID();
  #exists = false;
  #attempt: Attempt | undefined;
  #watchdog: Watchdog | undefined;
  #prompt: RenderedPrompt | undefined;
  #config: AttemptConfig | undefined;
  #startedAt: number | undefined;
  #deniedByPerson = 0;
  #abandoned: (() => void) | undefined;
  /** The group's limit, where what was left of it is the live attempt's cap. */
  #limitBehindCap: number | undefined;
  readonly #tools: ToolLog;
  readonly #approvals: Approvals;
  readonly #spend: SessionSpend;

  constructor(session: ResolvedSession, agent: Agent, host: SessionRunHost) {
    this.id = session.id;
    this.session = session;
    this.agent = agent;
    this.#host = host;
    this.#tools = new ToolLog(this.id, host.clock);
    this.#spend = new SessionSpend(this.id, session.maxBudgetUsd, host, error =>
      host.tell(this.id, { type: 'timeout', error }),
    );
    this.#approvals = new Approvals({
      clock: host.clock,
      timeoutMs: session.permissions.timeout,
      onShow: request => this.#showRequest(request),
      onTimeout: ({ tool }) => this.#refuse(`${tool} needs a permission, and nobody gave it in time`),
    });
  }

  get live(): boolean {
    return this.#attempt !== undefined;
  }

  /** From the first attempt's start until now, milliseconds. */
  get durationMs(): number {
    return this.#startedAt === undefined ? 0 : this.#host.clock.monotonic() - this.#startedAt;
  }

  /** Goes on from where another process, or a settled run of the group, left the session. */
  restore(from: SessionSnapshot): void {
    this.attempts = from.attempts;
    this.failures = from.failures;
    this.result = from.result;
    this.output = from.output;
    this.error = from.error;
    if (from.conversation !== undefined) this.#conversation = from.conversation;
    this.#exists = from.conversationExists;
  }

  /** The session is to run again: in the same conversation, unless `fresh`. */
  reopen(fresh: boolean): void {
    this.failures = 0;
    this.error = undefined;
    this.#prompt = undefined;
    if (!fresh) return;
    this.#conversation = randomUUID();
    this.#exists = false;
  }

  /** Renders the prompt and generates the configuration; throws for the chart's prepare_failed. */
  prepare(): void {
    this.#prompt = this.#host.render(this.id);
    this.#config = this.#host.configure(this.id);
  }

  start({ attempts, failures }: Pick<SessionContext, 'attempts' | 'failures'>): void {
    const resume = this.#exists && this.agent.capabilities.resume;
    const startsOver = !resume && this.#exists;
    if (startsOver) {
      this.#conversation = randomUUID();
      this.#exists = false;
    }
    this.attempts = attempts;
    this.failures = failures;
    this.#deniedByPerson = 0;
    this.waitsUntil = undefined;
    this.#startedAt ??= this.#host.clock.monotonic();
    this.#host.ledger.openAttempt(this.id, { newConversation: !resume });
    const attempt = { sessionId: this.id, attempt: attempts, agentSessionId: this.#conversation };
    this.#host.record(
      resume
        ? { type: 'session_resumed', ...attempt }
        : { type: 'session_started', ...attempt, ...(startsOver ? { startedOver: true } : {}) },
    );
    let spec: AttemptSpec;
    try {
      spec = this.#spec(attempts, resume);
    } catch (reason) {
      const message = reason instanceof Error ? reason.message : String(reason);
      this.#host.clock.setTimeout(
        () => this.#ended({ outcome: 'failed', code: 'prepare_failed', message }),
        0,
      );
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
  }

  kill(): void {
    this.#attempt?.kill();
  }

  /** Its chart has failed, and will not be told any more: ends what is left, and says when nothing is. */
  abandon(ended: () => void): void {
    this.#abandoned = ended;
    if (this.#attempt) this.#attempt.kill();
    else this.#ended({ outcome: 'interrupted' });
  }

  answer(requestId: string, decision: 'allow' | 'deny', by: string): void {
    if (decision === 'deny') this.#deniedByPerson++;
    this.#host.record({ type: 'approval_answered', sessionId: this.id, requestId, decision, by });
    this.#attempt?.answerPermission(requestId, decision);
    this.#watchdog?.release();
    this.#approvals.done(requestId);
  }

  #spec(attempt: number, resume: boolean): AttemptSpec {
    this.#prompt ??= this.#host.render(this.id);
    this.#config ??= this.#host.configure(this.id);
    const { session } = this;
    const { maxBudgetUsd, limitBehind } = attemptCap(this.#host.ledger, this.id, session.maxBudgetUsd);
    this.#limitBehindCap = limitBehind;
    const logDir = this.#host.logDir(this.id);
    const opening = openingMessage(this.#prompt, resume ? { invalidOutput: undefined } : undefined);
    return {
      groupId: this.#host.groupId,
      sessionId: this.id,
      attempt,
      agent: session.agent,
      cwd: session.projectPath,
      conversation: { id: this.#conversation, exists: this.#exists, resume },
      prompt: opening.text,
      originalPrompt: this.#prompt.text,
      composed: opening.composed,
      ...(session.model === undefined ? {} : { model: session.model }),
      ...(maxBudgetUsd === undefined ? {} : { maxBudgetUsd }),
      permissions: session.permissions,
      settingSources: session.settingSources,
      ...(this.#config === undefined ? {} : { config: this.#config }),
      ...(session.outputSchema === undefined ? {} : { outputSchema: session.outputSchema }),
      env: this.#host.environment(this.id),
      ...(logDir === undefined ? {} : { logDir }),
    };
  }

  #on(event: AgentEvent): void {
    if (!this.#attempt) return;
    this.#watchdog?.touch();
    switch (event.type) {
      case 'started':
        this.#exists = true;
        this.#host.internal({ type: '_conversation', sessionId: this.id });
        break;
      case 'message':
        this.#host.record({
          type: 'session_message',
          sessionId: this.id,
          role: event.role,
          text: event.text,
        });
        break;
      case 'tool_started':
        this.#host.record(this.#tools.started(event.tool, event.toolUseId));
        break;
      case 'tool_finished':
        this.#host.record(this.#tools.finished(event.toolUseId, event.isError));
        break;
      case 'usage':
        for (const message of event.warnings ?? []) {
          this.#host.record({ type: 'session_warning', sessionId: this.id, message });
        }
        if (event.final) this.#host.answered(this.id);
        this.#spend.usage(event);
        break;
      case 'subagent_usage':
        this.#spend.subagent(event);
        break;
      case 'cost':
        this.#spend.cost(event);
        break;
      case 'approval':
        this.#asked(event);
        break;
      case 'approval_withdrawn':
        if (this.#approvals.current?.requestId === event.requestId) this.#watchdog?.release();
        this.#host.tell(this.id, { type: 'agent.withdrew', requestId: event.requestId });
        this.#approvals.done(event.requestId);
        break;
      case 'ended':
        this.#ended(event.end);
        break;
      default:
        break;
    }
  }

  #asked({ requestId, tool, input }: ApprovalRequest): void {
    const { onRequest } = this.session.permissions;
    if (onRequest === 'deny') {
      this.#attempt?.answerPermission(requestId, 'deny', 'permission requests are denied in this group');
    } else if (onRequest === 'fail' || !this.#host.attended) {
      this.#refuse(`${tool} needs a permission, and nobody is there to give it`);
    } else {
      this.#approvals.ask({ requestId, tool, input });
    }
  }

  #showRequest({ requestId, tool, input }: ApprovalRequest): void {
    this.#watchdog?.hold();
    this.request = { requestId, tool };
    this.#host.record({ type: 'approval_requested', sessionId: this.id, requestId, tool, input });
    this.#host.tell(this.id, { type: 'agent.approval', requestId, tool });
  }

  /** Nobody to answer means failure, not silence. */
  #refuse(message: string): void {
    this.#host.tell(this.id, { type: 'timeout', error: { code: 'permission_denied', message } });
  }

  #ended(end: AttemptEnd): void {
    this.#watchdog?.stop();
    this.#watchdog = undefined;
    this.#attempt = undefined;
    this.#tools.clear();
    this.#approvals.clear();
    this.#spend.close();
    if (this.#abandoned) {
      const abandoned = this.#abandoned;
      this.#abandoned = undefined;
      abandoned();
      return;
    }
    switch (end.outcome) {
      case 'done':
        this.result = end.result;
        this.output = end.output;
        this.denials = end.denials;
        this.#host.tell(this.id, {
          type: 'agent.done',
          denials: Math.max(0, end.denials.length - this.#deniedByPerson),
        });
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

  #failed(error: SessionError): void {
    const { ledger } = this.#host;
    // Its cap was what the group had left when it started. That limit is reached, or has been raised since.
    if (error.code === 'session_budget' && this.#limitBehindCap !== undefined) {
      const raised = ledger.limitMicroUsd > this.#limitBehindCap;
      if (raised || ledger.usedMicroUsd >= ledger.limitMicroUsd) {
        this.#host.tell(this.id, { type: 'agent.capped', error });
        return;
      }
    }
    if (UNAVAILABLE_ERROR_CODES.includes(error.code)) this.#host.unavailable(error.code);
    this.#host.tell(this.id, { type: 'agent.failed', error });
  }
}
