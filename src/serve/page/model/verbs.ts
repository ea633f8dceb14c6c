import { isSettledGroup } from '../../../../machines/vocabulary.ts';
import { capitalized } from '../../../sdk/format.ts';
import { isPossible } from '../../../words/possible.ts';
import { VERB_NAMES, VERBS, type VerbRow, type VerbsWith } from '../../../words/verbs.ts';
import { suspendedAdvice } from '../../../words/wait-words.ts';
import type { GroupModel } from './group-model.ts';

/** A verb with a button in the group's header. */
export type GroupVerb = VerbsWith<{ button: { place: 'group' } }>;

export const GROUP_VERBS = VERB_NAMES.filter((name): name is GroupVerb => {
  const { button }: VerbRow = VERBS[name];
  return 'place' in button && button.place === 'group';
});

/** Reasons other than the group's status why a verb makes no sense. */
const EXTRA_REASONS: Partial<Record<GroupVerb, (model: GroupModel) => string | undefined>> = {
  resume: model => (exhausted(model) ? 'The budget is used up: raise it to continue' : undefined),
  retry: ({ totals: { failed, stopped, skipped } }) =>
    failed + stopped + skipped === 0 ? 'No session failed, was stopped or skipped' : undefined,
  archive: ({ archived }) => (archived ? 'It is already archived' : undefined),
};

/** Why the verb makes no sense now; the server decides in any case. */
export function refusal(verb: GroupVerb, model: GroupModel): string | undefined {
  const { status, owner } = model.totals;
  if (owner?.suspended) return 'It is suspended';
  const { button }: { button: { whyNot: Partial<Record<string, string>>; otherwise: string } } = VERBS[verb];
  if (isPossible(verb, status)) return EXTRA_REASONS[verb]?.(model);
  return button.whyNot[status] ?? button.otherwise;
}

/** That the group's process is suspended, since when, and how it goes on; undefined if it is not. */
export function suspendedNow({ shown, totals: { owner } }: GroupModel): string | undefined {
  if (owner === undefined || shown !== 'suspended') return undefined;
  return capitalized(suspendedAdvice(owner.pid, owner.suspendedAt, Date.now()));
}

/**
 * How a group goes on whose owner may be alive and can't be asked from here; undefined if it has none, or has settled.
 */
export function takeOverVerb({
  totals: { status, owner, ownerUnreadable },
}: GroupModel): 'run' | 'resume' | undefined {
  if (owner?.unchecked !== true && ownerUnreadable === undefined) return undefined;
  if (isSettledGroup(status)) return undefined;
  return status === 'created' ? 'run' : 'resume';
}

/** The path of a verb below that of its group. */
export const pathOf = (verb: keyof typeof VERBS, session = ''): string =>
  VERBS[verb].route.replace(/^\S+ \/groups\/:id/, '').replace(':sid', encodeURIComponent(session));

/** Whether the budget keeps the group from continuing. */
export function exhausted({ totals, detail }: GroupModel): boolean {
  const { limitUsd, totalCostUsd, status } = totals;
  const rests = isPossible('resume', status);
  return (
    rests && limitUsd !== undefined && totalCostUsd >= limitUsd && detail.budget.onBudgetExceeded !== 'warn'
  );
}
