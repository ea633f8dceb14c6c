import { isSpent } from '../../../../machines/budget-guards.ts';
import { type Ledger, toMicroUsd, toUsd } from './ledger.ts';

export interface AttemptCap {
  /** USD; undefined if there is no limit. */
  readonly maxBudgetUsd: number | undefined;
  /** Set if the cap is what remains of the group's limit, which may change; micro-dollars. */
  readonly ofGroup?: { readonly limit: number; readonly cap: number; readonly spentBefore: number };
}

/**
 * What remains of the group's limit or the session's, whichever is lower (design-docs/spec-session-groups.md §6). Only
 * what is certain counts as spent: an attempt that ends at its cap has failed, and no session fails on a guess.
 */
export function attemptCap(ledger: Ledger, id: string, ownLimitUsd: number | undefined): AttemptCap {
  const ofGroup =
    ledger.action === 'warn' ? Number.POSITIVE_INFINITY : ledger.limitMicroUsd - ledger.certainMicroUsd;
  const ofSession =
    ownLimitUsd === undefined ? Number.POSITIVE_INFINITY : toMicroUsd(ownLimitUsd) - ledger.certainOf(id);
  const left = Math.min(ofGroup, ofSession);
  if (!Number.isFinite(left)) return { maxBudgetUsd: undefined };
  const cap = Math.max(1, Math.round(left));
  const behind = { limit: ledger.limitMicroUsd, cap, spentBefore: ledger.certainOf(id) };
  return { maxBudgetUsd: toUsd(cap), ...(left === ofGroup ? { ofGroup: behind } : {}) };
}

/**
 * Whether the group's budget, not the session's, ended an attempt at its cap: the cap was what the group had left, and
 * the group's limit is reached, has been raised since, or would have allowed more, since an estimate has fallen.
 */
export function endedByGroup(ledger: Ledger, id: string, { ofGroup }: AttemptCap): boolean {
  if (!ofGroup) return false;
  const { limit, cap, spentBefore } = ofGroup;
  return ledger.limitMicroUsd > limit || isSpent(ledger) || ledger.certainOf(id) - spentBefore >= cap;
}
