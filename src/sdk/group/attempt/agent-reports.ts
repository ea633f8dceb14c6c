import type { SessionError } from '../../../../machines/vocabulary.ts';
import type { AgentEvent, AttemptEnd, AttemptSpec } from '../../session/agent.ts';
import { type Redact, redactedJson, redactor } from '../../session/reports/redaction.ts';
import { inputLine, shortInput } from '../../session/reports/tool-input.ts';
import type { SessionFold } from '../journal/fold-session.ts';
import type { ReportNumber } from '../journal/records.ts';
import type { AttemptHost } from './attempt-host.ts';
import type { Messages } from './messages.ts';
import type { PermissionRequests } from './permission-requests.ts';
import { SessionSpend } from './session-spend.ts';
import { ToolLog } from './tool-log.ts';

/** Whether it says something of what the attempt has spent. */
export const isSpend = ({ type }: AgentEvent): boolean =>
  type === 'usage' || type === 'subagent_usage' || type === 'side_usage' || type === 'cost';

/** Handles what a session's agent reports during an attempt: journals it, counts its cost, or asks for permission. */
export class AgentReports {
  readonly #id: string;
  readonly #host: AttemptHost;
  #tools: ToolLog | undefined;
  readonly #spend: SessionSpend;
  readonly #cwd: () => string | undefined;
  readonly #permissions: PermissionRequests;
  readonly #messages: Messages;
  #warnings: Set<string> | undefined;
  #redact: Redact | undefined;
  #secrets: AttemptSpec['secrets'];
  /** Of what is handled now. */
  #report: number | undefined;

  constructor(
    session: { readonly id: string; readonly maxBudgetUsd?: number | undefined },
    host: AttemptHost,
    permissions: PermissionRequests,
    messages: Messages,
    { onOwnLimit, cwd }: { onOwnLimit(error: SessionError): void; cwd(): string | undefined },
  ) {
    this.#id = session.id;
    this.#host = host;
    this.#permissions = permissions;
    this.#cwd = cwd;
    this.#messages = messages;
    this.#spend = new SessionSpend(session.id, session.maxBudgetUsd, host, onOwnLimit);
  }

  /** Call before an attempt. @param secrets what of its agent's environment may not be written down. */
  begin(secrets: AttemptSpec['secrets']): void {
    this.#secrets = secrets;
    this.#redact = undefined;
  }

  /** Goes on with an attempt that another engine has followed so far. @param tools what was running. */
  adopt(tools: SessionFold['tools']): void {
    this.begin(undefined);
    this.#spend.adopt();
    for (const [id, name] of tools) this.#toolLog.goesOn(name, id);
  }

  /**
   * @param report its number, of an attempt that outlives its engine: it is in what the event leaves; where that is several
   *    records, in the one without which the next attempt would go wrong.
   */
  handle(event: AgentEvent, attempt: number, report?: number): void {
    this.#report = report;
    if (report !== undefined && isSpend(event)) this.#spend.counts(report);
    switch (event.type) {
      case 'started':
        if (event.startedOver) this.#startedOver(attempt, event.conversationId);
        this.#spend.started(event.model);
        this.#host.internal(this.#numbered({ type: '_conversation', sessionId: this.#id }));
        for (const message of event.warnings ?? []) this.#warn(this.#redactor(message));
        break;
      case 'warning':
        this.#warn(this.#redactor(event.message));
        break;
      case 'message': {
        const { role, text } = event;
        this.#host.record(this.#numbered({ type: 'session_message', sessionId: this.#id, role, text }));
        break;
      }
      case 'message_delivered':
        this.#messages.taken(event.id);
        break;
      case 'tool_started':
        this.#host.record(
          this.#numbered(
            this.#toolLog.started(this.#redactor(event.tool), event.toolUseId, this.#lineOf(event.input)),
          ),
        );
        break;
      case 'tool_finished':
        this.#host.record(this.#numbered(this.#toolLog.finished(event.toolUseId, event.isError)));
        break;
      case 'usage':
        if (event.final) this.#host.answered(this.#id);
        this.#spend.usage(event);
        break;
      case 'subagent_usage':
        this.#spend.subagent(event);
        break;
      case 'side_usage':
        this.#spend.side(event);
        break;
      case 'cost':
        this.#spend.cost(event);
        break;
      case 'approval':
        this.#permissions.asked({
          ...event,
          tool: this.#redactor(event.tool),
          input: redactedJson(event.input, this.#redactor),
          written: event.input,
          redact: this.#redactor,
        });
        break;
      case 'approval_withdrawn':
        this.#permissions.withdrawn(event.requestId);
        break;
      default:
        break;
    }
  }

  /** What ends an attempt, as it may be written down. A result is not shortened: other sessions work with it. */
  endOf(end: AttemptEnd): AttemptEnd {
    if (end.outcome === 'interrupted') return end;
    if (end.outcome !== 'done') return { ...end, message: this.#redactor(end.message) };
    if (end.denials.length === 0) return end;
    const denials = end.denials.map(({ tool, input, ...denial }) => ({
      ...denial,
      tool: this.#redactor(tool),
      ...(input !== undefined && { input: shortInput(this.#redactor(input)) }),
    }));
    return { ...end, denials };
  }

  #numbered<T extends object>(record: T): T & ReportNumber {
    return this.#report === undefined ? record : { ...record, report: this.#report };
  }

  #lineOf(input: Readonly<Record<string, unknown>> | undefined): string | undefined {
    return input && inputLine(input, { redact: this.#redactor, cwd: this.#cwd() });
  }

  /** Made when it is needed: most attempts of most agents call no tools. */
  get #redactor(): Redact {
    this.#redact ??= redactor(this.#secrets);
    return this.#redact;
  }

  get #toolLog(): ToolLog {
    this.#tools ??= new ToolLog(this.#id, this.#host.clock);
    return this.#tools;
  }

  /** The agent found no conversation to resume, and has begun another one: what was spent before stays spent. */
  #startedOver(attempt: number, agentSessionId: string): void {
    const sessionId = this.#id;
    this.#host.ledger.beginConversation(sessionId);
    this.#host.record(
      this.#numbered({ type: 'session_started', sessionId, attempt, agentSessionId, startedOver: true }),
    );
    const message = 'its earlier conversation is gone: it has started over from its prompt';
    this.#warn(message);
  }

  /** Once in an attempt, however often it is said. */
  #warn(message: string): void {
    this.#warnings ??= new Set();
    if (this.#warnings.has(message)) return;
    this.#warnings.add(message);
    this.#host.record({ type: 'session_warning', sessionId: this.#id, message });
  }

  /** Call when the attempt has ended. */
  close(): void {
    this.#warnings = undefined;
    this.#redact = undefined;
    this.#secrets = undefined;
    this.#tools = undefined;
    this.#permissions.clear();
    this.#messages.end();
    this.#spend.close();
    this.#spend.counts(undefined);
  }
}
