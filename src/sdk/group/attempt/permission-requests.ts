import type { Attempt } from '../../session/agent.ts';
import type { PermissionsConfig } from '../../session/permissions.ts';
import { type ApprovalRequest, Approvals } from './approvals.ts';
import type { AttemptHost } from './attempt-host.ts';
import type { Watchdog } from './watchdog.ts';

/** The live attempt; both undefined if there is none. */
export interface Asking {
  readonly attempt: Attempt | undefined;
  readonly watchdog: Watchdog | undefined;
}

/** The permission requests of a session's agent: denied, failed, or shown to a person, depending on configuration. */
export class PermissionRequests {
  /** The request that is waiting for a person. */
  shown: { readonly requestId: string; readonly tool: string } | undefined;
  /** How many requests a person has denied in the live attempt. */
  deniedByPerson = 0;
  readonly #id: string;
  readonly #config: PermissionsConfig;
  readonly #host: AttemptHost;
  readonly #asking: () => Asking;
  readonly #approvals: Approvals;

  constructor(id: string, config: PermissionsConfig, host: AttemptHost, asking: () => Asking) {
    this.#id = id;
    this.#config = config;
    this.#host = host;
    this.#asking = asking;
    this.#approvals = new Approvals({
      clock: host.clock,
      timeoutMs: config.timeout,
      onShow: request => this.#show(request),
      onTimeout: ({ tool }) => this.#refuse(`${tool} requires permission, and nobody granted it in time`),
    });
  }

  asked({ requestId, tool, input }: ApprovalRequest): void {
    const { onRequest } = this.#config;
    if (onRequest === 'deny') {
      const message = 'this group denies permission requests';
      this.#asking().attempt?.answerPermission(requestId, 'deny', message);
    } else if (onRequest === 'fail' || !this.#host.attended) {
      this.#refuse(`${tool} requires permission, and nobody is attending the group`);
    } else {
      this.#approvals.ask({ requestId, tool, input });
    }
  }

  withdrawn(requestId: string): void {
    if (this.#approvals.current?.requestId === requestId) this.#asking().watchdog?.release();
    this.#host.tell(this.#id, { type: 'agent.withdrew', requestId });
    this.#approvals.done(requestId);
  }

  answered(requestId: string, decision: 'allow' | 'deny', by: string): void {
    const { attempt, watchdog } = this.#asking();
    if (decision === 'deny') this.deniedByPerson++;
    this.#host.record({ type: 'approval_answered', sessionId: this.#id, requestId, decision, by });
    attempt?.answerPermission(requestId, decision);
    watchdog?.release();
    this.#approvals.done(requestId);
  }

  /** Call when the attempt has ended. */
  clear(): void {
    this.#approvals.clear();
  }

  #show({ requestId, tool, input }: ApprovalRequest): void {
    this.#asking().watchdog?.hold();
    this.shown = { requestId, tool };
    this.#host.record({ type: 'approval_requested', sessionId: this.#id, requestId, tool, input });
    this.#host.tell(this.#id, { type: 'agent.approval', requestId, tool });
  }

  /** Fails the session rather than leaving the request unanswered. */
  #refuse(message: string): void {
    this.#host.tell(this.#id, { type: 'timeout', error: { code: 'permission_denied', message } });
  }
}
