import type { SessionError } from '../../../../machines/vocabulary.ts';
import type { CostReport, UsageReport } from '../../session/agent.ts';
import { toMicroUsd, toUsd } from '../cost/ledger.ts';
import type { AttemptHost } from './attempt-host.ts';

/** Books a session's costs, checks the limits immediately, and records progress once per model reply. */
export class SessionSpend {
  readonly #id: string;
  readonly #ownLimitUsd: number | undefined;
  readonly #host: AttemptHost;
  readonly #onOwnLimit: (error: SessionError) => void;

  constructor(
    id: string,
    ownLimitUsd: number | undefined,
    host: AttemptHost,
    onOwnLimit: (error: SessionError) => void,
  ) {
    this.#id = id;
    this.#ownLimitUsd = ownLimitUsd;
    this.#host = host;
    this.#onOwnLimit = onOwnLimit;
  }

  /** Interim usage of a reply counts immediately; progress is recorded when the reply ends. */
  usage(report: UsageReport & { readonly final: boolean }): void {
    this.#host.ledger.addUsage(this.#id, report);
    this.#changed(report.final);
  }

  subagent(task: { readonly taskId: string; readonly model?: string; readonly totalTokens: number }): void {
    this.#host.ledger.addSubagentUsage(this.#id, task);
    this.#changed(true);
  }

  /** The agent's own cost report. */
  cost(report: CostReport): void {
    const change = this.#host.ledger.reconcile(this.#id, report);
    if (!change) return;
    if (change.microUsd !== change.estimatedMicroUsd) {
      this.#host.record({
        type: 'cost_reconciled',
        sessionId: this.#id,
        estimatedUsd: toUsd(change.estimatedMicroUsd),
        costUsd: toUsd(change.microUsd),
      });
    }
    this.#changed(true);
    this.#save();
  }

  /** Call when the attempt has ended. */
  close(): void {
    this.#host.ledger.closeAttempt(this.#id);
    this.#save();
  }

  #changed(show: boolean): void {
    const { ledger } = this.#host;
    const microUsd = ledger.costOf(this.#id);
    if (show) {
      this.#host.record({
        type: 'session_progress',
        sessionId: this.#id,
        costUsd: toUsd(microUsd),
        tokens: ledger.tokensOf(this.#id),
        estimated: ledger.isEstimated(this.#id),
      });
    }
    this.#host.spent();
    if (this.#ownLimitUsd === undefined || microUsd < toMicroUsd(this.#ownLimitUsd)) return;
    const message = `the session has reached its own limit of $${this.#ownLimitUsd}`;
    this.#onOwnLimit({ code: 'session_budget', message });
  }

  #save(): void {
    this.#host.internal({ type: '_ledger', sessionId: this.#id, ...this.#host.ledger.accountOf(this.#id) });
  }
}
