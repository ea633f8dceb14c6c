import type { SessionError } from '../../../../machines/vocabulary.ts';
import type { AgentEvent, CostReport, UsageReport } from '../../session/agent.ts';
import { toMicroUsd, toUsd } from '../cost/ledger.ts';
import type { AttemptHost } from './attempt-host.ts';

type Reported<T extends AgentEvent['type']> = Omit<Extract<AgentEvent, { type: T }>, 'type'>;

/**
 * Books a session's costs, checks the limits in the same turn, and journals each change of its figures, so that every
 * view shows the same ones, whatever becomes of the attempt. Only what is certain fails a session at its own limit.
 */
export class SessionSpend {
  readonly #id: string;
  readonly #ownLimitUsd: number | undefined;
  readonly #host: AttemptHost;
  readonly #onOwnLimit: (error: SessionError) => void;
  /** The model that its conversation uses. */
  #model: string | undefined;
  /** The figures that were journalled last. */
  #shown = '';
  #warned = false;
  readonly #unpriced = new Set<string>();

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

  started(model: string | undefined): void {
    this.#model = model ?? this.#model;
  }

  usage(report: UsageReport): void {
    this.#model = report.model;
    this.#host.ledger.addUsage(this.#id, report);
    this.#flagUnpriced(report);
    this.#changed();
  }

  /** Until its own model is known, a subagent is taken to use the session's. */
  subagent(task: Reported<'subagent_usage'>): void {
    this.#host.ledger.addSubagentUsage(this.#id, { ...this.#ownModel(), ...task });
    if (task.reply) this.#flagUnpriced(task.reply);
    this.#changed();
  }

  side(request: Reported<'side_usage'>): void {
    this.#host.ledger.addSideUsage(this.#id, { ...this.#ownModel(), ...request });
    this.#changed();
  }

  /** The agent's own cost report. */
  cost(report: CostReport): void {
    const change = this.#host.ledger.reconcile(this.#id, report);
    if (!change) return;
    for (const [model, figure] of Object.entries(report.models ?? {})) this.#host.prices.learn(model, figure);
    if (change.microUsd !== change.estimatedMicroUsd) {
      this.#host.record({
        type: 'cost_reconciled',
        sessionId: this.#id,
        estimatedUsd: toUsd(change.estimatedMicroUsd),
        costUsd: toUsd(change.microUsd),
      });
    }
    // First the account, so that the figures that follow change nothing of it, whatever comes in between.
    this.#save();
    this.#changed();
  }

  /** Call when the attempt has ended. */
  close(): void {
    this.#host.ledger.closeAttempt(this.#id);
    this.#save();
  }

  #changed(): void {
    this.#show();
    this.#host.spent();
    if (this.#ownLimitUsd === undefined) return;
    const { ledger } = this.#host;
    const limit = toMicroUsd(this.#ownLimitUsd);
    if (ledger.certainOf(this.#id) >= limit) {
      const message = `the session has reached its own limit of $${this.#ownLimitUsd}`;
      this.#onOwnLimit({ code: 'session_budget', message });
    } else if (ledger.costOf(this.#id) >= limit && !this.#warned) {
      this.#warned = true;
      this.#host.record({
        type: 'budget_warning',
        sessionId: this.#id,
        usageUsd: toUsd(ledger.costOf(this.#id)),
        limitUsd: this.#ownLimitUsd,
        certainUsd: toUsd(ledger.certainOf(this.#id)),
      });
    }
  }

  #show(): void {
    const { ledger } = this.#host;
    const guessed = ledger.guessedOf(this.#id);
    const unpriced = ledger.unpricedOf(this.#id);
    const figures = {
      costUsd: toUsd(ledger.costOf(this.#id)),
      tokens: ledger.tokensOf(this.#id),
      estimated: ledger.isEstimated(this.#id),
      ...(guessed > 0 ? { guessedUsd: toUsd(guessed) } : {}),
      ...(unpriced > 0 ? { unpricedUsd: toUsd(unpriced) } : {}),
    };
    const shown = JSON.stringify(figures);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#host.record({ type: 'session_progress', sessionId: this.#id, ...figures });
  }

  #flagUnpriced({ model, costUsd, tokens }: UsageReport): void {
    if (costUsd !== undefined || this.#unpriced.has(model)) return;
    const { microUsd, known } = this.#host.prices.priceOf({ model, tokens });
    if (known || microUsd === 0) return;
    this.#unpriced.add(model);
    const message = `the price of ${model} is not known: its cost is estimated like that of a similar model until the agent reports its own figure`;
    this.#host.record({ type: 'session_warning', sessionId: this.#id, message });
  }

  #ownModel(): { readonly model?: string } {
    return this.#model === undefined ? {} : { model: this.#model };
  }

  #save(): void {
    this.#host.internal({ type: '_ledger', sessionId: this.#id, ...this.#host.ledger.accountOf(this.#id) });
  }
}
