import type { BudgetPort } from './contract.ts';
import type { BudgetNews } from './vocabulary.ts';

/**
 * From this share of the limit on, the certain part of the spend is near it: then an estimate of what no reply shows
 * (subagents, compaction) may end what the group does. Below, it only warns.
 */
export const NEAR_LIMIT = 0.8;

type Spend = Pick<BudgetPort, 'usedMicroUsd' | 'certainMicroUsd' | 'limitMicroUsd'>;

/** At the limit counts as over it. */
export const isSpent = (
  { usedMicroUsd, certainMicroUsd = usedMicroUsd, limitMicroUsd }: Spend,
  limit = limitMicroUsd,
): boolean => certainMicroUsd >= limit || (usedMicroUsd >= limit && certainMicroUsd >= limit * NEAR_LIMIT);

/** The spend is at the limit, estimates included. */
export const isOverByEstimate = ({ usedMicroUsd, limitMicroUsd }: Spend): boolean =>
  usedMicroUsd >= limitMicroUsd;

/** What is to be announced of the limit. */
const due = (budget: BudgetPort): BudgetNews => {
  if (isSpent(budget)) return 'exceeded';
  if (isOverByEstimate(budget)) return 'estimate';
  return isNearLimit(budget) ? 'warning' : 'nothing';
};

/** The threshold of the warning is reached. */
export const isNearLimit = ({ usedMicroUsd, warnAtMicroUsd }: BudgetPort): boolean =>
  usedMicroUsd >= warnAtMicroUsd;

const LOUDER: readonly BudgetNews[] = ['nothing', 'warning', 'estimate', 'exceeded'];

/** Something was crossed, and its engine died before it was journalled. */
export const owesNews = (budget: BudgetPort): boolean =>
  budget.announced !== undefined && LOUDER.indexOf(due(budget)) > LOUDER.indexOf(budget.announced);
