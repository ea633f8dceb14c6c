import type { SessionError } from '../../../../machines/vocabulary.ts';
import type { AgentEvent, CostReport, UsageReport } from '../../session/agent.ts';
import { toMicroUsd, toUsd } from '../cost/ledger.ts';
import type { Price } from '../cost/prices.ts';
import type { AttemptHost } from './attempt-host.ts';

type Reported<T extends AgentEvent['type']> = Omit<Extract<AgentEvent, { type: T }>, 'type'>;

/** For replies, `session_progress` comes at most this often, except for the last one before a limit or an end. */
const SHOWN_EVERY_MS = 100;

/**
 * Books a session's costs and checks the limits in the same turn. Only what is certain fails a session at its own limit.
 *
 * SPEND-1 the account is journalled before anything follows from it, be it an event or a pause, and at the latest when the
 *    turn ends in which it has changed: many replies that arrive at once are one record. An attempt that spends nothing
 *    leaves none.
 * SPEND-2 `session_progress` is public and says the same for people: it is not needed for any sum.
 */
export class SessionSpend {
  readonly #id: string;
  readonly #ownLimitUsd: number | undefined;
  readonly #host: AttemptHost;
  readonly #onOwnLimit: (error: SessionError) => void;
  /** The model that its conversation uses. */
  #model: string | undefined;
  /** The account has changed, and is not journalled yet. */
  #unwritten = false;
  /** The attempt has changed it. */
  #spent = false;
  /** What has been shown last, and when; and whether the account has changed since. */
  #unshown = false;
  #shown = '';
  #shownAt = Number.NEGATIVE_INFINITY;
  #showing: unknown;
  #warned = false;
  /** The last report that the account contains, of an attempt that outlives its engine. */
  #report: number | undefined;
  #unpriced: Set<string> | undefined;

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

  /** Call before what the report with this number has spent. */
  counts(report: number | undefined): void {
    this.#report = report;
  }

  /** Goes on with an attempt that another engine has followed so far. */
  adopt(): void {
    this.#host.ledger.adoptAttempt(this.#id);
    this.#spent = true; // its account is journalled at the end in any case, as one of an attempt that has ended
  }

  started(model: string | undefined): void {
    this.#model = model ?? this.#model;
  }

  usage(report: UsageReport): void {
    this.#model = report.model;
    this.#flagUnpriced(report.model, this.#host.ledger.addUsage(this.#id, report));
    this.#changed();
  }

  /** Until its own model is known, a subagent is taken to use the session's. */
  subagent(task: Reported<'subagent_usage'>): void {
    const price = this.#host.ledger.addSubagentUsage(this.#id, { ...this.#ownModel(), ...task });
    if (task.reply && price) this.#flagUnpriced(task.reply.model, price);
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
    this.#unwritten = true;
    this.#unshown = true;
    this.#spent = true;
    this.#showNow();
    this.#checkLimits();
  }

  /** Call when the attempt has ended. */
  close(): void {
    this.#showNow();
    this.#host.ledger.closeAttempt(this.#id);
    if (this.#spent) this.#save();
    this.#spent = false;
  }

  #changed(): void {
    if (!this.#unwritten) this.#host.atTurnEnd(() => this.#write());
    this.#unwritten = true;
    this.#unshown = true;
    this.#spent = true;
    this.#checkLimits();
  }

  #checkLimits(): void {
    this.#host.spent(() => this.#showNow());
    if (this.#ownLimitUsd === undefined) return;
    const { ledger } = this.#host;
    const limit = toMicroUsd(this.#ownLimitUsd);
    if (ledger.certainOf(this.#id) >= limit) {
      this.#showNow();
      const message = `the session has reached its own limit of $${this.#ownLimitUsd}`;
      this.#onOwnLimit({ code: 'session_budget', message });
    } else if (ledger.costOf(this.#id) >= limit && !this.#warned) {
      this.#warned = true;
      this.#showNow();
      this.#host.record({
        type: 'budget_warning',
        sessionId: this.#id,
        usageUsd: toUsd(ledger.costOf(this.#id)),
        limitUsd: this.#ownLimitUsd,
        certainUsd: toUsd(ledger.certainOf(this.#id)),
      });
    }
  }

  #write(): void {
    if (!this.#unwritten) return;
    this.#save();
    const { clock } = this.#host;
    const wait = this.#shownAt + SHOWN_EVERY_MS - clock.monotonic();
    if (wait > 0) this.#showing ??= clock.setTimeout(() => this.#showNow(), wait);
    else this.#showNow();
  }

  /** Journals the account, and says so, unless that has been done. */
  #showNow(): void {
    const { clock, ledger } = this.#host;
    clock.clearTimeout(this.#showing);
    this.#showing = undefined;
    if (this.#unwritten) this.#save();
    if (!this.#unshown) return;
    this.#unshown = false;
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
    this.#shownAt = clock.monotonic();
    this.#host.record({ type: 'session_progress', sessionId: this.#id, ...figures });
  }

  #flagUnpriced(model: string, { microUsd, known }: Price): void {
    if (known || microUsd === 0) return;
    this.#unpriced ??= new Set();
    if (this.#unpriced.has(model)) return;
    this.#unpriced.add(model);
    const message = `the price of ${model} is not known: its cost is estimated like that of a similar model until the agent reports its own figure`;
    this.#host.record({ type: 'session_warning', sessionId: this.#id, message });
  }

  #ownModel(): { readonly model?: string } {
    return this.#model === undefined ? {} : { model: this.#model };
  }

  #save(): void {
    this.#unwritten = false;
    const { ledger } = this.#host;
    const record = { type: '_ledger', sessionId: this.#id } as const;
    const report = this.#report;
    if (report === undefined) this.#host.internal({ ...record, ...ledger.accountOf(this.#id) });
    else this.#host.internal({ ...record, ...ledger.liveAccountOf(this.#id), report });
  }
}
