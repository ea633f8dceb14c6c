import type { BudgetPort } from '../../../../machines/contract.ts';
import type { CostReport, UsageReport } from '../../session/agent.ts';
import { NO_TOKENS, type Tokens } from '../../session/usage.ts';
import type { BudgetConfig } from '../types.ts';

/** Amounts are USD in public APIs, and integer micro-dollars internally. */
export const toMicroUsd = (usd: number): number => Math.round(usd * 1_000_000);
export const toUsd = (microUsd: number): number => microUsd / 1_000_000;
/** Limits: `none` is Infinity in micro-dollars, and undefined in USD. */
export const limitInMicroUsd = (usd: number | 'none') =>
  usd === 'none' ? Number.POSITIVE_INFINITY : toMicroUsd(usd);
export const limitInUsd = (microUsd: number) => (Number.isFinite(microUsd) ? toUsd(microUsd) : undefined);

/** Prices a usage report in integer micro-dollars; see prices.ts. */
export type Pricer = (usage: UsageReport) => number;

export interface LedgerOptions {
  readonly budget: BudgetConfig;
  readonly priceOf: Pricer;
  /** Prices a subagent's tokens, of which only the total is known. */
  readonly priceOfSubagent: (model: string | undefined, tokens: number) => number;
}

interface AttemptAccount {
  /** The agent's own figure for this attempt so far; later usage is estimated on top of it. */
  base: number;
  tokens: Tokens;
  readonly replies: Map<string, { microUsd: number; tokens: Tokens }>;
  readonly subagents: Map<string, number>;
  estimate: number;
  /** The sum of all estimates in this attempt, including those since replaced. */
  estimatedInAll: number;
  reported: boolean;
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
}

export interface Reconciliation {
  readonly estimatedMicroUsd: number;
  readonly microUsd: number;
}

/**
 * What a group has spent, attempt by attempt (design-docs/spec-session-groups.md §6).
 *
 * LEDGER-1 the total always equals the sum over sessions of ended attempts and the live one (I8).
 * LEDGER-2 the cost of an ended attempt is final; a resumed conversation's cumulative figure is counted once.
 * LEDGER-3 thresholds are checked in the turn in which usage arrives; an event costs the same in a group of any size.
 */
export class Ledger implements BudgetPort {
  #policy: Pick<BudgetConfig, 'onBudgetExceeded' | 'warningThreshold'>;
  readonly #options: LedgerOptions;
  readonly #accounts = new Map<string, SessionAccount>();
  #used = 0;
  #limit: number;
  #warned = false;
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
  get limitMicroUsd(): number {
    return this.#limit;
  }
  get warnAtMicroUsd(): number {
    return this.#limit * this.#policy.warningThreshold;
  }
  /** Sets the limit and rearms the thresholds; Infinity: no limit. */
  setLimit(limitMicroUsd: number): void {
    this.#limit = limitMicroUsd;
    this.#exceeded = this.#used >= limitMicroUsd;
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
    return account ? account.settled + costOfAttempt(account.attempt) : 0;
  }

  tokensOf(id: string): Tokens {
    const account = this.#accounts.get(id);
    if (!account) return NO_TOKENS;
    return account.attempt ? addTokens(account.settledTokens, account.attempt.tokens) : account.settledTokens;
  }

  /** Whether part of the session's cost is estimated from usage. */
  isEstimated(id: string): boolean {
    const account = this.#accounts.get(id);
    return account !== undefined && (account.unreported > 0 || (account.attempt?.estimate ?? 0) > 0);
  }

  /** What another process needs to continue the session's account. */
  accountOf(id: string): SessionLedger {
    const account = this.#account(id);
    return {
      settled: this.costOf(id),
      tokens: this.tokensOf(id),
      conversation: account.conversation,
      unreported: account.unreported + (account.attempt?.estimate ?? 0),
    };
  }

  /** Restores an account from a journal, without crossing a threshold; rearms the thresholds. */
  restore(id: string, { settled, tokens, conversation, unreported }: SessionLedger): void {
    this.#accounts.set(id, { settled, settledTokens: tokens, attempt: undefined, conversation, unreported });
    this.#used += settled;
    this.setLimit(this.#limit);
  }

  openAttempt(id: string, options: { readonly newConversation: boolean }): void {
    const account = this.#account(id);
    this.closeAttempt(id);
    if (options.newConversation) {
      account.conversation = 0;
      account.unreported = 0;
    }
    account.attempt = {
      base: 0,
      tokens: NO_TOKENS,
      replies: new Map(),
      subagents: new Map(),
      estimate: 0,
      estimatedInAll: 0,
      reported: false,
    };
  }

  /** Usage of one model reply; a later report with the same message id replaces the earlier one. */
  addUsage(id: string, usage: UsageReport): void {
    const attempt = this.#account(id).attempt;
    if (!attempt) return;
    const microUsd = usage.costUsd === undefined ? this.#options.priceOf(usage) : toMicroUsd(usage.costUsd);
    const before = attempt.replies.get(usage.messageId);
    attempt.replies.set(usage.messageId, { microUsd, tokens: usage.tokens });
    const grown = subtractTokens(usage.tokens, before?.tokens ?? NO_TOKENS);
    attempt.tokens = addTokens(attempt.tokens, grown);
    this.#estimateGrew(attempt, microUsd - (before?.microUsd ?? 0));
  }

  /** A subagent's total tokens so far, priced as output, which overestimates. */
  addSubagentUsage(id: string, task: { taskId: string; model?: string; totalTokens: number }): void {
    const attempt = this.#account(id).attempt;
    if (!attempt) return;
    const microUsd = this.#options.priceOfSubagent(task.model, task.totalTokens);
    const before = attempt.subagents.get(task.taskId) ?? 0;
    attempt.subagents.set(task.taskId, Math.max(before, microUsd));
    this.#estimateGrew(attempt, Math.max(0, microUsd - before));
  }

  /**
   * Replaces the estimate by the agent's own figure. From a cumulative figure, the amount that the conversation's
   * earlier attempts reported is subtracted; so is the cost of attempts that were killed before they could report, as
   * far as the figure exceeds this attempt's own estimates.
   */
  reconcile(id: string, report: CostReport): Reconciliation | undefined {
    const account = this.#account(id);
    const { attempt } = account;
    if (!attempt) return undefined;
    const estimatedMicroUsd = costOfAttempt(attempt);
    const figure = toMicroUsd(report.costUsd);
    let microUsd = figure;
    if (report.scope === 'conversation') {
      // A figure below the last one: the agent has lost count and started over.
      const before = figure < account.conversation ? 0 : account.conversation;
      const sinceLast = figure - before + (attempt.reported ? attempt.base : 0);
      const excess = Math.max(0, sinceLast - attempt.estimatedInAll);
      const known = Math.min(excess, account.unreported);
      account.unreported -= known;
      account.conversation = figure;
      microUsd = sinceLast - known;
    }
    attempt.base = microUsd;
    attempt.replies.clear();
    attempt.subagents.clear();
    attempt.estimate = 0;
    attempt.reported = true;
    if (report.scope === 'process' && report.tokens) attempt.tokens = report.tokens;
    this.#add(microUsd - estimatedMicroUsd);
    return { estimatedMicroUsd, microUsd };
  }

  /** Ends the attempt; its cost is final. */
  closeAttempt(id: string): void {
    const account = this.#account(id);
    const { attempt } = account;
    if (!attempt) return;
    account.settled += costOfAttempt(attempt);
    account.settledTokens = addTokens(account.settledTokens, attempt.tokens);
    account.unreported += attempt.estimate;
    account.attempt = undefined;
  }

  #account(id: string): SessionAccount {
    let account = this.#accounts.get(id);
    if (!account) {
      account = { settled: 0, settledTokens: NO_TOKENS, attempt: undefined, conversation: 0, unreported: 0 };
      this.#accounts.set(id, account);
    }
    return account;
  }

  #estimateGrew(attempt: AttemptAccount, microUsd: number): void {
    attempt.estimate += microUsd;
    attempt.estimatedInAll += microUsd;
    this.#add(microUsd);
  }

  #add(microUsd: number): void {
    this.#used += microUsd;
    // The agent's figure was lower than the estimate: the limit can be crossed again.
    if (this.#used < this.#limit) this.#exceeded = false;
    if (!this.#exceeded && this.#used >= this.#limit) {
      this.#exceeded = true;
      this.#warned = true;
      this.#crossing = 'exceeded';
    } else if (!this.#warned && this.#used >= this.warnAtMicroUsd) {
      this.#warned = true;
      this.#crossing = 'warning';
    }
  }
}

const costOfAttempt = (attempt: AttemptAccount | undefined): number =>
  attempt ? attempt.base + attempt.estimate : 0;

export function addTokens(a: Tokens, b: Tokens): Tokens {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
  };
}

export function subtractTokens(a: Tokens, b: Tokens): Tokens {
  return addTokens(a, {
    input: -b.input,
    output: -b.output,
    cacheRead: -b.cacheRead,
    cacheWrite: -b.cacheWrite,
  });
}
