import type { Clock } from '../../clock.ts';
import type { AgentEvent } from '../../session/agent.ts';

export type ApprovalRequest = Omit<Extract<AgentEvent, { readonly type: 'approval' }>, 'type'>;

interface ApprovalsOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Called when it is this request's turn to be answered. */
  readonly onShow: (request: ApprovalRequest) => void;
  readonly onTimeout: (request: ApprovalRequest) => void;
}

/**
 * The unanswered permission requests of one attempt. An agent may ask for several tools at once; the requests are
 * shown one at a time, in order, each with its own timeout.
 */
export class Approvals {
  readonly #options: ApprovalsOptions;
  #waiting: ApprovalRequest[] = [];
  #timer: unknown;

  constructor(options: ApprovalsOptions) {
    this.#options = options;
  }

  /** The request that is shown now. */
  get current(): ApprovalRequest | undefined {
    return this.#waiting[0];
  }

  ask(request: ApprovalRequest): void {
    this.#waiting.push(request);
    if (this.#waiting.length === 1) this.#show(request);
  }

  /** The request was answered or withdrawn. The next one is shown in a later turn of the event loop. */
  done(requestId: string): void {
    const wasCurrent = this.current?.requestId === requestId;
    this.#waiting = this.#waiting.filter(request => request.requestId !== requestId);
    if (!wasCurrent) return;
    const { clock } = this.#options;
    clock.clearTimeout(this.#timer);
    const next = this.current;
    if (next) this.#timer = clock.setTimeout(() => this.#show(next), 0);
  }

  /** Call when the attempt has ended. */
  clear(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #show(request: ApprovalRequest): void {
    const { clock, timeoutMs, onShow, onTimeout } = this.#options;
    this.#timer = clock.setTimeout(() => onTimeout(request), timeoutMs);
    onShow(request);
  }
}
