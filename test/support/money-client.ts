import { Ledger, toUsd } from '../../src/sdk/group/cost/ledger.ts';
import type { BudgetConfig } from '../../src/sdk/group/types.ts';
import type { CostReport, UsageReport } from '../../src/sdk/session/agent.ts';

export const tokensOf = (input: number) => ({ input, output: 0, cacheRead: 0, cacheWrite: 0 });

/** A ledger that prices an input token, and a subagent's token, at one micro-dollar. */
export function ledgerWith(budget: Partial<BudgetConfig> = {}): Ledger {
  return new Ledger({
    budget: { maxBudgetUsd: 'none', onBudgetExceeded: 'pause', warningThreshold: 0.8, ...budget },
    priceOf: usage => usage.tokens.input,
    priceOfSubagent: (_model, tokens) => tokens,
  });
}

export const usage = (messageId: string, input: number): UsageReport => ({
  messageId,
  model: 'any',
  tokens: tokensOf(input),
});

export interface ClientKind {
  /** What its figures cover. */
  readonly scope: CostReport['scope'];
  /** Whether a conversation's total includes what a killed attempt spent before it could report. */
  readonly remembersKilled: boolean;
  /** Whether it says what part of a conversation's total its process has spent. */
  readonly saysShare?: boolean;
}

/** A model client that knows what it really spent, and reports to the ledger of one session as such clients do. */
export class MoneyClient {
  readonly id: string;
  readonly kind: ClientKind;
  /** Micro-dollars over all attempts. */
  spent = 0;
  /** Part of it that no usage showed. */
  hidden = 0;
  /** Part of it that no reply showed. */
  guessed = 0;
  open = false;
  readonly #ledger: Ledger;
  /** The conversation's cost that the client would report. */
  #conversation = 0;
  #attempt = 0;
  /** Spending of the attempt that no report has covered yet. */
  #unreported = 0;
  #messages = 0;
  #lastMessage: { id: string; tokens: number } | undefined;
  #tasks = 0;
  #task: { id: string; tokens: number } | undefined;

  constructor(id: string, kind: ClientKind, ledger: Ledger) {
    this.id = id;
    this.kind = kind;
    this.#ledger = ledger;
  }

  start(newConversation: boolean): void {
    if (newConversation) this.#conversation = 0;
    this.#attempt = 0;
    this.#unreported = 0;
    this.#lastMessage = undefined;
    this.#task = undefined;
    this.open = true;
    this.#ledger.openAttempt(this.id, { newConversation });
  }

  reply(tokens: number): void {
    this.#lastMessage = { id: `${this.id}-m${++this.#messages}`, tokens };
    this.#spend(tokens);
    this.#ledger.addUsage(this.id, usage(this.#lastMessage.id, tokens));
  }

  /** The same reply has grown. */
  replyGrows(tokens: number): void {
    if (!this.#lastMessage) return;
    this.#lastMessage.tokens += tokens;
    this.#spend(tokens);
    this.#ledger.addUsage(this.id, usage(this.#lastMessage.id, this.#lastMessage.tokens));
  }

  subagent(tokens: number): void {
    this.#task ??= { id: `${this.id}-t${++this.#tasks}`, tokens: 0 };
    this.#task.tokens += tokens;
    this.#spend(tokens);
    this.guessed += tokens;
    this.#ledger.addSubagentUsage(this.id, { taskId: this.#task.id, totalTokens: this.#task.tokens });
  }

  /** For example a web search: no usage shows it. */
  spendHidden(microUsd: number): void {
    this.#spend(microUsd);
    this.hidden += microUsd;
  }

  report(): void {
    const figure = this.kind.scope === 'process' ? this.#attempt : this.#conversation;
    this.#unreported = 0;
    this.#lastMessage = undefined;
    this.#task = undefined;
    const share = this.kind.saysShare && { costUsd: toUsd(this.#attempt) };
    const report = { scope: this.kind.scope, costUsd: toUsd(figure) };
    this.#ledger.reconcile(this.id, { ...report, ...(share && { attempt: share }) });
  }

  /** Ends the attempt; a client that doesn't remember it loses what was not reported. */
  end(): void {
    if (!this.kind.remembersKilled) this.#conversation -= this.#unreported;
    this.open = false;
    this.#ledger.closeAttempt(this.id);
  }

  #spend(microUsd: number): void {
    this.spent += microUsd;
    this.#attempt += microUsd;
    this.#conversation += microUsd;
    this.#unreported += microUsd;
  }
}
