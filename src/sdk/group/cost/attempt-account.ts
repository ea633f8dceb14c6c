import type { UsageReport } from '../../session/agent.ts';
import { addTokens, NO_TOKENS, subtractTokens, type Tokens } from '../../session/usage.ts';
import { type Counted, leftOut } from './left-out.ts';
import type { LiveSpend } from './session-ledger.ts';

/**
 * How an estimate comes about: from a reply at a known price, from a reply of the session's own at a guessed price, or as
 * a guess at what no reply shows, or only one of a subagent at a guessed price.
 */
export type EstimateKind = 'priced' | 'unpriced' | 'guessed';

interface Estimate {
  readonly kind: EstimateKind;
  readonly microUsd: number;
  readonly model: string;
  readonly tokens: Tokens;
  /** The part that the agent's own figure already contains. */
  readonly covered: number;
}

/**
 * The cost of one attempt: the agent's own figure so far, and estimates of what came after it, and of the replies that
 * it leaves out: what has been shown to be spent does not come back because the agent forgets it.
 */
export class AttemptAccount {
  tokens: Tokens = NO_TOKENS;
  /** The agent's own figure; undefined until it has given one. */
  figure: number | undefined;
  /** The sum of all estimates, including those that the figure has replaced. */
  estimatedInAll = 0;
  #estimates: Map<string, Estimate> | undefined;
  readonly #sums: Record<EstimateKind, number> = { priced: 0, unpriced: 0, guessed: 0 };

  /** Goes on with an attempt that another engine has followed so far. */
  static of(live: LiveSpend): AttemptAccount {
    const account = new AttemptAccount();
    const { figure, priced, guessed, unpriced, estimatedInAll, tokens } = live;
    if (priced > 0) account.estimate('priced before', 'priced', priced);
    if (guessed > 0) account.estimate('guessed before', 'guessed', guessed);
    if (unpriced > 0) account.estimate('unpriced before', 'unpriced', unpriced);
    return Object.assign(account, { figure, estimatedInAll, tokens });
  }

  /** What another engine needs to go on with it. */
  liveSpend(before: LiveSpend['before']): LiveSpend {
    const { figure, estimatedInAll, tokens } = this;
    return { before, ...(figure !== undefined && { figure }), ...this.#sums, estimatedInAll, tokens };
  }

  get cost(): number {
    return (this.figure ?? 0) + this.estimated;
  }
  get estimated(): number {
    return this.#sums.priced + this.#sums.unpriced + this.#sums.guessed;
  }
  /** Of it, what no reply shows. */
  get guessed(): number {
    return this.#sums.guessed;
  }
  /** Of it, replies at a guessed price. */
  get unpriced(): number {
    return this.#sums.unpriced;
  }

  /** Nothing has been reported. */
  get isEmpty(): boolean {
    return this.figure === undefined && this.#estimates === undefined;
  }

  kindOf(key: string): EstimateKind | undefined {
    return this.#estimates?.get(key)?.kind;
  }

  /** A later estimate with the same key replaces the earlier one. */
  estimate(key: string, kind: EstimateKind, microUsd: number, reply = NO_REPLY): void {
    const { model, tokens } = reply;
    this.#estimates ??= new Map();
    const before = this.#estimates.get(key);
    const now = { kind, microUsd, model, tokens, covered: before?.covered ?? 0 };
    this.#estimates.set(key, now);
    const sum = this.estimated;
    if (before) this.#sums[before.kind] -= beyondFigure(before);
    this.#sums[kind] += beyondFigure(now);
    this.estimatedInAll += this.estimated - sum;
    this.tokens = addTokens(this.tokens, before ? subtractTokens(tokens, before.tokens) : tokens);
  }

  /** The agent's own figure replaces all estimates so far, except replies that it leaves out; it replaces every guess. */
  report(figure: number, counted: Counted): void {
    this.figure = figure;
    const estimates = this.#estimates ?? new Map<string, Estimate>();
    const forgotten = new Set(leftOut([...estimates.values()], counted));
    Object.assign(this.#sums, { priced: 0, unpriced: 0, guessed: 0 });
    if (counted.tokens) this.tokens = counted.tokens;
    for (const [key, estimate] of estimates) {
      const { kind, microUsd, tokens } = estimate;
      const isForgotten = kind !== 'guessed' && forgotten.has(estimate);
      estimates.set(key, { ...estimate, covered: isForgotten ? 0 : microUsd });
      if (!isForgotten) continue;
      this.#sums[kind] += microUsd;
      this.tokens = addTokens(this.tokens, tokens);
    }
  }
}

const NO_REPLY: Pick<UsageReport, 'model' | 'tokens'> = { model: '', tokens: NO_TOKENS };

const beyondFigure = ({ microUsd, covered }: Estimate): number => Math.max(0, microUsd - covered);
