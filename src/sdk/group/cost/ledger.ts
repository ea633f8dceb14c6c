import { isOverByEstimate, isSpent } from '../../../../machines/budget-guards.ts';
import type { BudgetPort } from '../../../../machines/contract.ts';
import type { AgentEvent, CostReport, UsageReport } from '../../session/agent.ts';
import { addTokens, NO_TOKENS, type Tokens } from '../../session/usage.ts';
import type { BudgetConfig } from '../types.ts';
import { AttemptAccount } from './attempt-account.ts';
import type { Price } from './prices.ts';

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

interface SessionAccount {
  /** The cost of ended attempts; it only grows. */
  settled: number;
  settledTokens: Tokens;
  attempt: AttemptAccount | undefined;
  /** The agent's last cumulative figure for this conversation. */
  conversation: number;
  /** The cost of attempts that ended without a figure; a later cumulative figure may include it. */
  unreported: number;
  /** The part of `settled` that no reply showed and no figure has confirmed. */
  guessed: number;
}

/** A session's account as it is passed on to the next process; micro-dollars. */
export interface SessionLedger {
  /** Over all attempts so far. */
  settled: number;
  tokens: Tokens;
  /** The agent's last cumulative figure for the conversation. */
  conversation: number;
  /** The part of `settled` that the agent hasn't confirmed. */
  unreported: number;
  /** The part of `settled` that no reply showed. Default: 0. */
  guessed?: number;
}

export interface Reconciliation {
  readonly estimatedMicroUsd: number;
  readonly microUsd: number;
}

/**
 * What a group has spent, attempt by attempt (design-docs/spec-session-groups.md §6). Certain is what agents have
 * reported and what replies cost; guessed is what no reply shows, until the agent's figure replaces it.
 *
 * LEDGER-1 the total always equals the sum over sessions of ended attempts and the live one (I8); so does its guessed
 *    part.
 * LEDGER-2 the cost of an ended attempt is final; a resumed conversation's cumulative figure is counted once.
 * LEDGER-3 thresholds are checked in the turn in which usage arrives; an event costs the same in a group of any size.
 */
export class Ledger implements BudgetPort {
  #policy: Pick<BudgetConfig, 'onBudgetExceeded' | 'warningThreshold'>;
  readonly #options: LedgerOptions;
  readonly #accounts = new Map<string, SessionAccount>();
  #used = 0;
  #guessed = 0;
  #limit: number;
  #warned = false;
  #doubted = false;
  #exceeded = false;
  #crossing: 'warning' | 'exceeded' | undefined;

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
  /** Sets the limit and rearms the thresholds; Infinity: no limit. */
  setLimit(limitMicroUsd: number): void {
    this.#limit = limitMicroUsd;
    this.#exceeded = isSpent(this);
    this.#doubted = isOverByEstimate(this);
    this.#warned = this.#used >= this.warnAtMicroUsd;
  }

  /** Sets what happens at the limit and when to warn; rearms the thresholds. */
  setPolicy(policy: Pick<BudgetConfig, 'onBudgetExceeded' | 'warningThreshold'>): void {
    this.#policy = policy;
    this.setLimit(this.#limit);
  }

  /** Returns the threshold that the last change crossed, once. Each threshold is crossed at most once per limit. */
  takeCrossing(): 'warning' | 'exceeded' | undefined {
    const crossing = this.#crossing;
    this.#crossing = undefined;
    return crossing;
  }

  costOf(id: string): number {
    const account = this.#accounts.get(id);
    return account ? account.settled + (account.attempt?.cost ?? 0) : 0;
  }

  /** The part of the session's cost that no reply shows. */
  guessedOf(id: string): number {
    const account = this.#accounts.get(id);
    return account ? account.guessed + (account.attempt?.guessed ?? 0) : 0;
  }

  /** The session's cost without what is guessed, nor what the live attempt spent at a guessed price. */
  certainOf(id: string): number {
    const account = this.#accounts.get(id);
    return account ? account.settled - account.guessed + (account.attempt?.certain ?? 0) : 0;
  }

  tokensOf(id: string): Tokens {
    const account = this.#accounts.get(id);
    if (!account) return NO_TOKENS;
    return account.attempt ? addTokens(account.settledTokens, account.attempt.tokens) : account.settledTokens;
  }

  /** Whether part of the session's cost is estimated from usage. */
  isEstimated(id: string): boolean {
    const account = this.#accounts.get(id);
    if (!account) return false;
    return account.unreported > 0 || account.guessed > 0 || (account.attempt?.estimated ?? 0) > 0;
  }

  /** What another process needs to continue the session's account. */
  accountOf(id: string): SessionLedger {
    const { conversation, unreported, attempt } = this.#account(id);
    const guessed = this.guessedOf(id);
    return {
      settled: this.costOf(id),
      tokens: this.tokensOf(id),
      conversation,
      unreported: unreported + (attempt?.estimated ?? 0),
      ...(guessed > 0 ? { guessed } : {}),
    };
  }

  /** Restores an account from a journal, without crossing a threshold; rearms the thresholds. */
  restore(id: string, { settled, tokens, conversation, unreported, guessed = 0 }: SessionLedger): void {
    const attempt = undefined;
    this.#accounts.set(id, { settled, settledTokens: tokens, attempt, conversation, unreported, guessed });
    this.#used += settled;
    this.#guessed += guessed;
    this.setLimit(this.#limit);
  }

  openAttempt(id: string, options: { readonly newConversation: boolean }): void {
    this.closeAttempt(id);
    if (options.newConversation) this.beginConversation(id);
    this.#account(id).attempt = new AttemptAccount();
  }

  /** From now on, the agent's cumulative figures contain nothing of what was spent before. */
  beginConversation(id: string): void {
    Object.assign(this.#account(id), { conversation: 0, unreported: 0 });
  }

  /** Usage of one model reply; a later report with the same message id replaces the earlier one. */
  addUsage(id: string, usage: UsageReport): void {
    const price = usage.costUsd === undefined ? this.#options.priceOf(usage) : toMicroUsd(usage.costUsd);
    const { microUsd, known } = typeof price === 'number' ? { microUsd: price, known: true } : price;
    const kind = known ? 'priced' : 'unpriced';
    this.#change(id, attempt => attempt.estimate(`reply ${usage.messageId}`, kind, microUsd, usage));
  }

  /** A subagent: its replies if they are shown, and otherwise a guess by its latest context. */
  addSubagentUsage(id: string, { taskId, model, totalTokens, toolUses, reply }: SubagentUsage): void {
    const key = `subagent ${taskId}`;
    if (reply) this.addUsage(id, reply);
    const guess = this.#options.priceOfSubagent(model, totalTokens, toolUses);
    this.#change(id, attempt => {
      if (reply) attempt.estimate(key, 'priced', 0);
      else if (attempt.kindOf(key) !== 'priced') attempt.estimate(key, 'guessed', guess);
    });
  }

  /** A request that the agent made for itself. */
  addSideUsage(id: string, { requestId, model = '', tokens = NO_TOKENS, webSearches = 0 }: SideUsage): void {
    const price = this.#options.priceOf({ model, tokens, webSearches });
    const microUsd = typeof price === 'number' ? price : price.microUsd;
    this.#change(id, attempt => attempt.estimate(`request ${requestId}`, 'guessed', microUsd));
  }

  /**
   * Replaces the estimate by the agent's own figure and what that leaves out. An agent that reports a conversation's total may say what the
   * attempt's share of it is; otherwise the amount that earlier attempts reported is subtracted. What the total
   * contains beyond that confirms the cost of attempts that were killed before they could report: it is counted once.
   */
  reconcile(id: string, report: CostReport): Reconciliation | undefined {
    const account = this.#account(id);
    const { attempt } = account;
    if (!attempt) return undefined;
    const estimatedMicroUsd = attempt.cost;
    const figure = toMicroUsd(report.costUsd);
    let microUsd = figure;
    if (report.scope === 'conversation') {
      // A figure below the last one: the agent has lost count and started over.
      const before = figure < account.conversation ? 0 : account.conversation;
      const sinceLast = figure - before + (attempt.figure ?? 0);
      const share = report.attempt && toMicroUsd(report.attempt.costUsd);
      const confirmed = this.#confirm(account, sinceLast - (share ?? attempt.estimatedInAll));
      account.conversation = figure;
      microUsd = share ?? sinceLast - confirmed;
    }
    const counted = report.scope === 'process' ? report : (report.attempt ?? {});
    this.#change(id, () => attempt.report(microUsd, counted));
    return { estimatedMicroUsd, microUsd: attempt.cost };
  }

  /** Ends the attempt; its cost is final. */
  closeAttempt(id: string): void {
    const account = this.#account(id);
    const { attempt } = account;
    if (!attempt) return;
    account.settled += attempt.cost;
    account.settledTokens = addTokens(account.settledTokens, attempt.tokens);
    account.unreported += attempt.estimated;
    account.guessed += attempt.guessed;
    account.attempt = undefined;
  }

  /** An amount of earlier attempts that the agent's figure contains; at most what they had left unreported. */
  #confirm(account: SessionAccount, excess: number): number {
    const confirmed = Math.min(Math.max(0, excess), account.unreported);
    const noGuess = Math.min(confirmed, account.guessed);
    account.unreported -= confirmed;
    account.guessed -= noGuess;
    this.#guessed -= noGuess;
    return confirmed;
  }

  #account(id: string): SessionAccount {
    let account = this.#accounts.get(id);
    if (!account) {
      const nothing = { settled: 0, conversation: 0, unreported: 0, guessed: 0 };
      account = { ...nothing, settledTokens: NO_TOKENS, attempt: undefined };
      this.#accounts.set(id, account);
    }
    return account;
  }

  /** Changes the live attempt, keeps the totals, and notes a crossed threshold. */
  #change(id: string, change: (attempt: AttemptAccount) => void): void {
    const { attempt } = this.#account(id);
    if (!attempt) return;
    const { cost, guessed } = attempt;
    change(attempt);
    this.#used += attempt.cost - cost;
    this.#guessed += attempt.guessed - guessed;
    // The agent's figure was lower than the estimate: the limit can be crossed again.
    if (!isSpent(this)) this.#exceeded = false;
    if (!this.#exceeded && isSpent(this)) {
      this.#exceeded = true;
      this.#doubted = true;
      this.#warned = true;
      this.#crossing = 'exceeded';
    } else if (!this.#doubted && isOverByEstimate(this)) {
      this.#doubted = true;
      this.#warned = true;
      this.#crossing = 'exceeded';
    } else if (!this.#warned && this.#used >= this.warnAtMicroUsd) {
      this.#warned = true;
      this.#crossing = 'warning';
    }
  }
}
