import { type Ledger, toMicroUsd, toUsd } from './ledger.ts';

export interface AttemptCap {
  /** USD; undefined where no limit holds. */
  readonly maxBudgetUsd: number | undefined;
  /** The group's limit, micro-dollars, where it is what is left of that which caps the attempt. */
  readonly limitBehind: number | undefined;
}

/** What is left of the group's limit, and of the session's own where that is lower (design-docs/spec-session-groups.md §6). */
export function attemptCap(ledger: Ledger, id: string, ownLimitUsd: number | undefined): AttemptCap {
  const ofGroup =
    ledger.action === 'warn' ? Number.POSITIVE_INFINITY : ledger.limitMicroUsd - ledger.usedMicroUsd;
  const ofSession =
    ownLimitUsd === undefined ? Number.POSITIVE_INFINITY : toMicroUsd(ownLimitUsd) - ledger.costOf(id);
  const left = Math.min(ofGroup, ofSession);
  if (!Number.isFinite(left)) return { maxBudgetUsd: undefined, limitBehind: undefined };
  return {
    maxBudgetUsd: toUsd(Math.max(1, Math.round(left))),
    limitBehind: left === ofGroup ? ledger.limitMicroUsd : undefined,
  };
}

/**
 * Whether an attempt that has spent its cap is the group's business: the cap was what the group had left when it
 * started, and that limit is reached, or has been raised since.
 */
export function endedByGroup(ledger: Ledger, limitBehind: number | undefined): boolean {
  if (limitBehind === undefined) return false;
  return ledger.limitMicroUsd > limitBehind || ledger.usedMicroUsd >= ledger.limitMicroUsd;
}
