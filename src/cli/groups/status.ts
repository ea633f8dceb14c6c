import { GROUP_STATUSES, UNAVAILABLE_ERROR_CODES } from '../../../machines/vocabulary.ts';
import type { KeptStatus, SavedResult } from '../../sdk/group/standing/kept-status.ts';
import { META_DAMAGED } from '../../sdk/group/store/group-meta.ts';
import type { GroupMeta, GroupOwner } from '../../sdk/group/store/store.ts';

/** As people see it: the journal says that it is live, but nobody runs it any more (design-docs/spec-session-groups.md §4). */
export type ShownStatus = KeptStatus;

export const SHOWN_STATUSES: readonly ShownStatus[] = [...GROUP_STATUSES, 'interrupted'];

/** How a group stands, also when nobody runs it any more. */
export type ShownResult = SavedResult;

/** Nothing failed but what the agent's account refused, and nothing is left that could wait for a better login. */
export function failedByLogin({ status, sessions }: Pick<ShownResult, 'status' | 'sessions'>): boolean {
  const failures = Object.values(sessions).filter(session => session.status === 'failed');
  return (
    status === 'failed' && failures.length > 0 && failures.every(({ error }) => refusesLogin(error?.code))
  );
}

const refusesLogin = (code: string | undefined): boolean =>
  UNAVAILABLE_ERROR_CODES.some(unavailable => unavailable === code);

/** Its meta cannot be read as a whole: the status in it is none. */
export const isDamaged = ({ reason }: Pick<GroupMeta, 'reason'>): boolean => reason === META_DAMAGED;

export interface ListedGroup extends Omit<GroupMeta, 'status'> {
  readonly status: ShownStatus;
  /** Who runs it; absent when nobody does. */
  readonly owner?: GroupOwner;
}
