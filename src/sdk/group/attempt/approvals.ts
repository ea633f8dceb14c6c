import type { Clock } from '../../clock.ts';

export interface ApprovalRequest {
  readonly requestId: string;
  readonly tool: string;
  readonly input: Record<string, unknown>;
}

/**
 * The permissions that one attempt has asked for and nobody has answered. One is shown at a time, in the order in
 * which they came: an agent may ask for several tools at once. Each is waited for so long and no longer.
 */
export class Approvals {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #onShow: (request: ApprovalRequest) => void;
  readonly #onTimeout: (request: ApprovalRequest) => void;
  #waiting: ApprovalRequest[] = [];
  #timer: unknown;

  constructor(options: {
    readonly clock: Clock;
    readonly timeoutMs: number;
    /** It is this request's turn to be answered. */
    readonly onShow: (request: ApprovalRequest) => void;
    readonly onTimeout: (request: ApprovalRequest) => void;
  }) {
    this.#clock = options.clock;
    this.#timeoutMs = options.timeoutMs;
    this.#onShow = options.onShow;
    this.#onTimeout = options.onTimeout;
  }

  /** The one that waits for its answer now. */
  get current(): ApprovalRequest | undefined {
    return this.#waiting[0];
  }

  ask(request: ApprovalRequest): void {
    this.#waiting.push(request);
    if (this.#waiting.length === 1) this.#show(request);
  }

  /** Answered, or withdrawn by the agent: the next one's turn comes after what is happening now. */
  done(requestId: string): void {
    const wasCurrent = this.current?.requestId === requestId;
    this.#waiting = this.#waiting.filter(request => request.requestId !== requestId);
    if (!wasCurrent) return;
    this.#clock.clearTimeout(this.#timer);
    const next = this.current;
    if (next) this.#timer = this.#clock.setTimeout(() => this.#show(next), 0);
  }

  /** The attempt has ended. */
  clear(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #show(request: ApprovalRequest): void {
    this.#timer = this.#clock.setTimeout(() => this.#onTimeout(request), this.#timeoutMs);
    this.#onShow(request);
  }
}
