import { answerTo, isPossible } from '../../../words/possible.ts';
import { VERB_NAMES, VERBS, type VerbRow, type VerbsWith } from '../../../words/verbs.ts';
import type { GroupModel } from './group-model.ts';

/** A verb that has a button beside the group's name. */
export type GroupVerb = VerbsWith<{ button: { place: 'group' } }>;

export const GROUP_VERBS = VERB_NAMES.filter((name): name is GroupVerb => {
  const { button }: VerbRow = VERBS[name];
  return 'place' in button && button.place === 'group';
});

/** What keeps a verb from making sense besides the status of the group. */
const BESIDES: Partial<Record<GroupVerb, (model: GroupModel) => string | undefined>> = {
  resume: model => (exhausted(model) ? 'The budget is used up: raise it to go on' : undefined),
  retry: ({ totals: { failed, stopped, skipped } }) =>
    failed + stopped + skipped === 0 ? 'No session failed, was stopped or skipped' : undefined,
  archive: ({ archived }) => (archived ? 'It is archived already' : undefined),
};

/** Why the verb makes no sense now; the server has the last word in any case. */
export function refusal(verb: GroupVerb, model: GroupModel): string | undefined {
  const { status } = model.totals;
  const { button }: { button: { whyNot: Partial<Record<string, string>>; otherwise: string } } = VERBS[verb];
  const offered = isPossible(verb, status) || answerTo(verb, status) === 'offered';
  return button.whyNot[status] ?? (offered ? BESIDES[verb]?.(model) : button.otherwise);
}

/** What a verb is asked with, below the path of its group. */
export const pathOf = (verb: keyof typeof VERBS, session = ''): string =>
  VERBS[verb].route.replace(/^\S+ \/groups\/:id/, '').replace(':sid', encodeURIComponent(session));

/** Whether the limit keeps the group from going on. */
export function exhausted({ totals, detail }: GroupModel): boolean {
  const { limitUsd, totalCostUsd, status } = totals;
  const rests = isPossible('resume', status);
  return (
    rests && limitUsd !== undefined && totalCostUsd >= limitUsd && detail.budget.onBudgetExceeded !== 'warn'
  );
}
