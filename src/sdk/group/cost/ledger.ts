import type { BudgetPort } from '../../../../machines/contract.ts';
import type { BudgetNews } from '../../../../machines/vocabulary.ts';
import type { AgentEvent, CostReport, UsageReport } from '../../session/agent.ts';
import { addTokens, NO_TOKENS, type Tokens } from '../../session/usage.ts';
import type { BudgetConfig } from '../types.ts';
import { AttemptAccount, type EstimateKind } from './attempt-account.ts';
import type { Price } from './prices.ts';
import { costIn, guessedIn, type SessionAccount } from './session-account.ts';
import {
  confirm,
  doubtsIn,
  inNewConversation,
  isEstimated,
  keptDoubts,
  NO_SPEND,
  type SessionLedger,
} from './session-ledger.ts';
import { type BudgetPolicy, type Crossing, Thresholds } from './thresholds.ts';

/** Amounts are USD in public APIs, and integer micro-dollars internally. */
export const toMicroUsd = (usd: number): number => Math.round(usd * 1_000_000);
export const toUsd = (microUsd: number): number => microUsd / 1_000_000;
/** Limits: `none` is Infinity in micro-dollars, and undefined in USD. */
export const limitInMicroUsd = (usd: number | 'none') =>
  usd === 'none' ? Number.POSITIVE_INFINITY : toMicroUsd(usd);
export const limitInUsd = (microUsd: number) => (Number.isFinite(microUsd) ? toUsd(microUsd) : undefined);

type SubagentUsage = Omit<Extract<AgentEvent, { type: 'subagent_usage' }>, 'type'>;
type SideUsage = Omit<Extract<AgentEvent, { type: 'side_usage' }>, 'type'>;

export interface LedgerOptions {
  readonly budget: BudgetConfig;
  /** Prices a usage report; see price-book.ts. A number is a known price. */
  readonly priceOf: (
    usage: Pick<UsageReport, 'model' | 'tokens' | 'cacheWrite1h' | 'webSearches'>,
  ) => number | Price;
  /** Prices a subagent of which only its latest context is known. */
  readonly priceOfSubagent: (model: string | undefined, contextTokens: number, toolUses?: number) => number;
}

export interface Reconciliation {
  readonly estimatedMicroUsd: number;
  readonly microUsd: number;
}

/**
 * What a group has spent, attempt by attempt (design-docs/spec-session-groups.md §6). Certain is what agents have
 * reported and what replies cost; guessed is what no reply shows, until the agent's figure replaces it. A session's own
 * replies at a guessed price are in between: they count for the group's limit, not for its own.
 *
 * LEDGER-1 the total always equals the sum over sessions of ended attempts and the live one (I8); so does its guessed
 *    part.
 * LEDGER-2 what is certain of an ended attempt's cost is final; a resumed conversation's cumulative figure is counted
 *    once, and replaces what was guessed of the attempts that it contains.
 * LEDGER-3 thresholds are checked in the turn in which usage arrives; an event costs the same in a group of any size.
 */
export class Ledger implements BudgetPort {
  #policy: BudgetPolicy;
  readonly #options: LedgerOptions;
  readonly #accounts = new Map<string, SessionAccount>();
  #used = 0;
  #guessed = 0;
  #limit: number;
  readonly #thresholds = new Thresholds();
  #announced: BudgetNews | undefined;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#policy = options.budget;
    this.#limit = limitInMicroUsd(options.budget.maxBudgetUsd);
  }

  get action(): BudgetConfig['onBudgetExceeded'] {
    return this.#policy.onBudgetExceeded;
  }
  get usedMicroUsd(): number {
    return this.#used;
  }
  get certainMicroUsd(): number {
    return this.#used - this.#guessed;
  }
  get limitMicroUsd(): number {
    return this.#limit;
  }
  get warnAtMicroUsd(): number {
    return this.#limit * this.#policy.warningThreshold;
  }
  get announced(): BudgetNews | undefined {
    return this.#announced;
  }
  /** Sets the limit and rearms the thresholds; Infinity: no limit. */
  setLimit(limitMicroUsd: number): void {
    this.#limit = limitMicroUsd;
    this.#thresholds.rearm(this);
  }

  /** Sets what happens at the limit and when to warn; rearms the thresholds. */
  setPolicy(policy: BudgetPolicy): void {
    this.#policy = policy;
    this.setLimit(this.#limit);
  }

  /** Returns the threshold that the last change crossed, once. Each threshold is crossed at most once per limit. */
  takeCrossing(): Crossing | undefined {
    return this.#thresholds.take();
  }

  costOf(id: string): number {
    return costIn(this.#accounts.get(id));
  }

  /** The part of the session's cost that no reply shows, or only a subagent's at a guessed price. */
  guessedOf(id: string): number {
    return guessedIn(this.#accounts.get(id));
  }

  /** The part of the session's cost that its own replies have at a guessed price. */
  unpricedOf(id: string): number {
    const account = this.#accounts.get(id);
    return account ? doubtsIn(account.ended).unpriced + (account.attempt?.unpriced ?? 0) : 0;
  }

  /** The session's cost without what is guessed, or has a guessed price. */
  certainOf(id: string): number {
    return this.costOf(id) - this.guessedOf(id) - this.unpricedOf(id);
  }

  tokensOf(id: string): Tokens {
    const account = this.#accounts.get(id);
    if (!account) return NO_TOKENS;
    const { ended, attempt } = account;
    return attempt ? addTokens(ended.tokens, attempt.tokens) : ended.tokens;
  }

  /** Whether part of the session's cost is estimated from usage. */
  isEstimated(id: string): boolean {
    const account = this.#accounts.get(id);
    return account !== undefined && (isEstimated(account.ended) || (account.attempt?.estimated ?? 0) > 0);
  }

  /** What another process needs to continue the session's account. */
  accountOf(id: string): SessionLedger {
    const { ended, attempt } = this.#account(id);
    const { guessed: _, unpriced: __, ...rest } = ended;
    return {
      ...rest,
      settled: this.costOf(id),
      tokens: this.tokensOf(id),
      unreported: ended.unreported + (attempt?.estimated ?? 0),
      ...keptDoubts({ guessed: this.guessedOf(id), unpriced: this.unpricedOf(id) }),
    };
  }

  /** The same of an attempt that outlives its engine: what it has spent is told apart. */
  liveAccountOf(id: string): SessionLedger {
    const { ended, attempt } = this.#account(id);
    const account = this.accountOf(id);
    return attempt && !attempt.isEmpty ? { ...account, live: attempt.liveSpend(ended) } : account;
  }

  /** Restores an account from a journal, without crossing a threshold; rearms the thresholds. */
  restore(id: string, { live, ...ledger }: SessionLedger): void {
    this.#accounts.set(id, { ended: ledger, attempt: undefined, live });
    this.#used += ledger.settled;
    this.#guessed += doubtsIn(ledger).guessed;
    this.setLimit(this.#limit);
  }

  /** What the journal says of the limit: the budget's chart makes up for the rest. */
  restoreNews(announced: BudgetNews): void {
    this.#announced = announced;
  }

  openAttempt(id: string, options: { readonly newConversation: boolean }): void {
    this.closeAttempt(id);
    const account = this.#account(id);
    if (options.newConversation) account.ended = inNewConversation(account.ended);
    account.attempt = new AttemptAccount();
  }

  /** Goes on with the attempt that was live when the account was journalled. */
  adoptAttempt(id: string): void {
    const account = this.#account(id);
    const { live } = account;
    account.attempt = live ? AttemptAccount.of(live) : new AttemptAccount();
    if (live) account.ended = live.before;
    account.live = undefined;
  }

  /** From now on, the agent's cumulative figures contain nothing of what was spent before. */
  beginConversation(id: string): void {
    const account = this.#account(id);
    account.ended = inNewConversation(account.ended);
  }

  /**
   * Usage of one model reply; a later report with the same message id replaces the earlier one.
   * @returns the price that is taken for it.
   */
  addUsage(id: string, usage: UsageReport, atGuessedPrice: EstimateKind = 'unpriced'): Price {
    const given = usage.costUsd === undefined ? this.#options.priceOf(usage) : toMicroUsd(usage.costUsd);
    const price = typeof given === 'number' ? { microUsd: given, known: true } : given;
    const { microUsd, known } = price;
    const kind = known ? 'priced' : atGuessedPrice;
    this.#change(id, attempt => attempt.estimate(`reply ${usage.messageId}`, kind, microUsd, usage));
    return price;
  }

  /** A subagent: its replies if they are shown, whose price is returned, and otherwise a guess by its latest context. */
  addSubagentUsage(
    id: string,
    { taskId, model, totalTokens, toolUses, reply }: SubagentUsage,
  ): Price | undefined {
    const key = `subagent ${taskId}`;
    const price = reply && this.addUsage(id, reply, 'guessed');
    const guess = this.#options.priceOfSubagent(model, totalTokens, toolUses);
    this.#change(id, attempt => {
      if (reply) attempt.estimate(key, 'priced', 0);
      else if (attempt.kindOf(key) !== 'priced') attempt.estimate(key, 'guessed', guess);
    });
    return price;
  }

  /** A request that the agent made for itself. */
  addSideUsage(id: string, { requestId, model = '', tokens = NO_TOKENS, webSearches = 0 }: SideUsage): void {
    const price = this.#options.priceOf({ model, tokens, webSearches });
    const microUsd = typeof price === 'number' ? price : price.microUsd;
    this.#change(id, attempt => attempt.estimate(`request ${requestId}`, 'guessed', microUsd));
  }

  /**
   * Replaces the estimate by the agent's own figure and what that leaves out. An agent that reports a conversation's total
   * may say what the attempt's share of it is; otherwise the amount that earlier attempts reported is subtracted. What
   * the total contains beyond that is the cost of attempts that ended before they could report: it is counted once; or what
   * a person has spent in the conversation, which is not counted.
   */
  reconcile(id: string, report: CostReport): Reconciliation | undefined {
    const account = this.#account(id);
    const { attempt, ended } = account;
    if (!attempt) return undefined;
    const estimated = attempt.cost;
    const figure = toMicroUsd(report.costUsd);
    const share = report.attempt && toMicroUsd(report.attempt.costUsd);
    const counted = report.scope === 'process' ? report : (report.attempt ?? {});
    this.#change(id, () => {
      let microUsd = figure;
      if (report.scope === 'conversation') {
        // A figure below the last one: the agent has lost count. Unless it says what is new, all of it is.
        const before = share === undefined && figure < ended.conversation ? 0 : ended.conversation;
        const sinceLast = figure - before + (attempt.figure ?? 0);
        const excess = sinceLast - (share ?? attempt.estimatedInAll);
        const { byHand = false, ...counted } = ended;
        // What a person has spent in between is in the excess, too: of that, only what is missing is confirmed.
        const known = byHand ? Math.min(excess, counted.unreported) : excess;
        const { ledger, confirmed } = confirm(counted, known, share !== undefined);
        account.ended = { ...ledger, conversation: figure };
        microUsd = share ?? (byHand ? attempt.estimatedInAll : sinceLast - confirmed);
      }
      attempt.report(microUsd, counted);
    });
    // Earlier attempts are corrected with it.
    const corrected = ended.settled - account.ended.settled;
    return {
      estimatedMicroUsd: estimated + Math.max(0, corrected),
      microUsd: attempt.cost + Math.max(0, -corrected),
    };
  }

  /** Ends the attempt; what is certain of its cost is final. */
  closeAttempt(id: string): void {
    const account = this.#accounts.get(id);
    if (!account?.attempt) return;
    if (!account.attempt.isEmpty) account.ended = this.accountOf(id);
    account.attempt = undefined;
  }

  #account(id: string): SessionAccount {
    let account = this.#accounts.get(id);
    if (!account) {
      account = { ended: NO_SPEND, attempt: undefined };
      this.#accounts.set(id, account);
    }
    return account;
  }

  /** Changes the live attempt, keeps the totals, and notes a crossed threshold. */
  #change(id: string, change: (attempt: AttemptAccount) => void): void {
    const account = this.#account(id);
    if (!account.attempt) return;
    const cost = costIn(account);
    const guessed = guessedIn(account);
    change(account.attempt);
    this.#used += costIn(account) - cost;
    this.#guessed += guessedIn(account) - guessed;
    this.#thresholds.check(this);
  }
}
