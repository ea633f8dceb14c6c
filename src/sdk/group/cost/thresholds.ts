import { isNearLimit, isOverByEstimate, isSpent } from '../../../../machines/budget-guards.ts';
import type { BudgetPort } from '../../../../machines/contract.ts';
import type { BudgetConfig } from '../types.ts';

export type BudgetPolicy = Pick<BudgetConfig, 'onBudgetExceeded' | 'warningThreshold'>;
export type Crossing = 'warning' | 'exceeded';

/** Which thresholds of a limit have been crossed. Invariant: each is crossed at most once, until it is rearmed. */
export class Thresholds {
  #warned = false;
  #doubted = false;
  #exceeded = false;
  #crossing: Crossing | undefined;

  /** The limit has changed: what is crossed from now on is told again. */
  rearm(spend: BudgetPort): void {
    this.#exceeded = isSpent(spend);
    this.#doubted = isOverByEstimate(spend);
    this.#warned = isNearLimit(spend);
  }

  /** Notes what the spend has crossed. */
  check(spend: BudgetPort): void {
    // The agent's figure was lower than the estimate: the limit can be crossed again.
    const spent = isSpent(spend);
    if (!spent) this.#exceeded = false;
    if (!this.#exceeded && spent) {
      this.#exceeded = true;
      this.#doubted = true;
      this.#warned = true;
      this.#crossing = 'exceeded';
    } else if (!this.#doubted && isOverByEstimate(spend)) {
      this.#doubted = true;
      this.#warned = true;
      this.#crossing = 'exceeded';
    } else if (!this.#warned && isNearLimit(spend)) {
      this.#warned = true;
      this.#crossing = 'warning';
    }
  }

  /** What was crossed since it was last asked. */
  take(): Crossing | undefined {
    const crossing = this.#crossing;
    this.#crossing = undefined;
    return crossing;
  }
}
