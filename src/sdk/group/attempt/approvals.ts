import { afterAwake, type Clock } from '../../clock.ts';
import type { AgentEvent } from '../../session/agent.ts';
import type { Redact } from '../../session/reports/redaction.ts';
import { isUnanswered, type PermissionDenial } from '../../session/usage.ts';

type AgentRequest = Omit<Extract<AgentEvent, { readonly type: 'approval' }>, 'type'>;

/** A request as it is shown. */
export interface ApprovalRequest extends AgentRequest {
  /** The input in the agent's own words, which only the agent is told. */
  readonly written: AgentRequest['input'];
  /** Takes out of an answer what may not be written down. */
  readonly redact: Redact;
}

interface ApprovalsOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Called when it is this request's turn to be answered. */
  readonly onShow: (request: ApprovalRequest) => void;
  readonly onTimeout: (request: ApprovalRequest) => void;
}

/**
 * The unanswered permission requests of one attempt. An agent may ask for several tools at once; the requests are
 * shown one at a time, in order, each with its own timeout, for which a time in which the process was stopped doesn't count.
 */
export class Approvals {
  readonly #options: ApprovalsOptions;
  #waiting: ApprovalRequest[] = [];
  #cancel: () => void = () => {};

  constructor(options: ApprovalsOptions) {
    this.#options = options;
  }

  /** The request that is shown now. */
  get current(): ApprovalRequest | undefined {
    return this.#waiting[0];
  }

  /** One that waits already may be asked again. */
  ask(request: ApprovalRequest): void {
    if (this.#waiting.some(({ requestId }) => requestId === request.requestId)) return;
    this.#waiting.push(request);
    if (this.#waiting.length === 1) this.#show(request);
  }

  /** The request was answered or withdrawn. The next one is shown in a later turn of the event loop. */
  done(requestId: string): void {
    const wasCurrent = this.current?.requestId === requestId;
    this.#waiting = this.#waiting.filter(request => request.requestId !== requestId);
    if (!wasCurrent) return;
    const { clock } = this.#options;
    this.#cancel();
    const next = this.current;
    if (!next) return;
    const timer = clock.setTimeout(() => this.#show(next), 0);
    this.#cancel = () => clock.clearTimeout(timer);
  }

  /** Call when the attempt has ended. */
  clear(): void {
    this.#cancel();
    this.#waiting = [];
  }

  #show(request: ApprovalRequest): void {
    const { clock, timeoutMs, onShow, onTimeout } = this.#options;
    this.#cancel = afterAwake(clock, () => onTimeout(request), timeoutMs);
    onShow(request);
  }
}

/**
 * The denials that nobody asked for: no rule, no hook and no person refused the request, nobody could answer it. Agents
 * that don't say who refused are believed about those that a person denied.
 */
export function unansweredOf(
  denials: readonly PermissionDenial[],
  deniedByPerson: number,
): readonly PermissionDenial[] {
  const unexplained = denials.filter(({ refusedBy }) => refusedBy === undefined);
  const byPerson = new Set(unexplained.slice(0, deniedByPerson));
  return denials.filter(denial => isUnanswered(denial) && !byPerson.has(denial));
}

/** Where something was denied. */
export interface DeniedIn {
  readonly groupId: string;
  readonly sessionId: string;
}

/** What was denied, and what to do about it. */
export function deniedText(
  [first, ...others]: readonly PermissionDenial[],
  where: DeniedIn,
): string | undefined {
  if (!first) return undefined;
  return unansweredText(first, 'nobody could answer the request', where, others.length);
}

export function unansweredText(
  { tool, input }: Pick<PermissionDenial, 'tool' | 'input'>,
  why: string,
  { groupId, sessionId }: DeniedIn,
  others = 0,
): string {
  const call = input === undefined ? tool : `${tool}(${input})`;
  const more = others > 0 ? ` (and ${others} more)` : '';
  return [
    `${call} was denied in \`${sessionId}\`${more}: ${why}.`,
    `Allow it: \`permissions: {allow: [${JSON.stringify(ruleFor(tool, input))}]}\`,`,
    `then \`session-groups group update ${groupId} FILE\`, then \`session-groups group retry ${groupId}\`.`,
  ].join(' ');
}

/** A rule that allows the call, in Claude Code's syntax: as narrow as its input is short and plain. */
function ruleFor(tool: string, input: string | undefined): string {
  if (input === undefined || /[\n)*…]|^\{|\[redacted/.test(input)) return tool;
  if (tool === 'Bash') return `Bash(${input})`;
  return ['Write', 'Edit', 'NotebookEdit'].includes(tool) && input.startsWith('/') ? `Edit(/${input})` : tool;
}
