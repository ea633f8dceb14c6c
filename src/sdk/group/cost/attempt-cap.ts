import { type Ledger, toMicroUsd, toUsd } from './ledger.ts';

export interface AttemptCap {
  /** USD; undefined if there is no limit. */
  readonly maxBudgetUsd: number | undefined;
  /** The group's limit in micro-dollars, if the group's remaining budget is the cap. */
  readonly limitBehind: number | undefined;
}

/** The remaining budget of the group or the session, whichever is lower (design-docs/spec-session-groups.md §6). */
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
 * Whether the group's budget, not the session's, ended an attempt at its cap: the cap was the group's remaining
 * budget, and the group's limit is reached or has been raised since.
 */
export function endedByGroup(ledger: Ledger, limitBehind: number | undefined): boolean {
  if (limitBehind === undefined) return false;
  return ledger.limitMicroUsd > limitBehind || ledger.usedMicroUsd >= ledger.limitMicroUsd;
}
