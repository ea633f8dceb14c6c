import type { AgentCapabilities } from '../../session/agent-kinds.ts';
import type { SessionGroupDefinition } from '../types.ts';

/** Why a group's limit can't be enforced for an agent, and what to do about it; undefined if it can (spec §6). */
export function unreported(
  kind: string,
  { spends, usage }: Pick<AgentCapabilities, 'spends' | 'usage'>,
  { budget }: SessionGroupDefinition['config'],
): { readonly message: string; readonly hint: string } | undefined {
  const { maxBudgetUsd, onBudgetExceeded } = budget;
  if (!spends || usage !== 'none' || maxBudgetUsd === 'none' || onBudgetExceeded === 'warn') return undefined;
  return {
    message: `the limit of $${maxBudgetUsd} needs an agent that reports its costs, unlike "${kind}"`,
    hint: 'Set config.budget.maxBudgetUsd to none, or onBudgetExceeded to warn.',
  };
}
