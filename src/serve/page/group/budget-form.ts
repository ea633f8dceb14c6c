import { formatUsd } from '../../../sdk/format.ts';
import { ask } from '../controls/dialog.ts';
import { attr, el, text } from '../dom/el.ts';
import type { GroupModel } from '../model/group-model.ts';
import { exhausted } from '../model/verbs.ts';

export interface NewBudget {
  readonly maxBudgetUsd: number | 'none';
  /** Resume the group at once. */
  readonly resume: boolean;
}

/** Asks for a new limit; undefined if cancelled. */
export function askBudget(model: GroupModel): Promise<NewBudget | undefined> {
  const { limitUsd, totalCostUsd } = model.totals;
  const waits = exhausted(model);
  const suggested = Math.ceil(Math.max((limitUsd ?? 0) * 2, totalCostUsd * 1.5) * 100) / 100;
  const amount = el('input', {
    id: 'budget-amount',
    type: 'number',
    min: '0',
    step: 'any',
    inputmode: 'decimal',
    value: suggested || 10,
    'aria-describedby': 'budget-problem budget-now',
  });
  const problem = el('p', { id: 'budget-problem', class: 'problem', role: 'alert' });
  const none = el('input', { id: 'budget-none', type: 'checkbox' });
  none.addEventListener('change', () => {
    amount.disabled = none.checked;
  });
  const resumeBox = el('input', { id: 'budget-resume', type: 'checkbox', checked: waits });
  const now = `Spent so far ${formatUsd(totalCostUsd)}, limit ${limitUsd === undefined ? 'none' : formatUsd(limitUsd)}.`;

  const read = (): NewBudget | undefined => {
    const resume = waits && resumeBox.checked;
    if (none.checked) return { maxBudgetUsd: 'none', resume };
    const wrong = problemOf(amount.value, totalCostUsd, waits);
    text(problem, wrong ?? '');
    attr(amount, 'aria-invalid', wrong === undefined ? undefined : 'true');
    if (wrong === undefined) return { maxBudgetUsd: Number(amount.value), resume };
    amount.focus();
    return undefined;
  };
  return ask({
    title: 'Raise the budget',
    body: [
      el('p', { id: 'budget-now' }, now),
      el('label', { for: 'budget-amount' }, 'New limit for the whole group, in USD'),
      amount,
      problem,
      el('label', { class: 'check', for: 'budget-none' }, none, 'No limit'),
      ...(waits
        ? [el('label', { class: 'check', for: 'budget-resume' }, resumeBox, 'Resume the group')]
        : []),
    ],
    yes: 'Set limit',
    kind: 'primary',
    read,
  });
}

function problemOf(written: string, spentUsd: number, waits: boolean): string | undefined {
  const usd = Number(written);
  if (written.trim() === '' || !Number.isFinite(usd) || usd <= 0) {
    return 'Enter an amount above 0, such as 20.';
  }
  if (waits && usd <= spentUsd) return `Enter more than the ${formatUsd(spentUsd)} already spent, to resume.`;
  return undefined;
}
