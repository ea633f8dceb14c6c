import type { RefusalCode } from '../../../../machines/contract.ts';
import { RefusedError } from '../../errors.ts';

/** The error of a request that the group's chart refuses. Some codes are ways of `not_in_this_state`, with a hint. */
export function refusal(code: RefusalCode, message: string): RefusedError {
  switch (code) {
    case 'sessions_unfinished':
    case 'interrupted':
    case 'stop_unfinished':
      return new RefusedError('not_in_this_state', message, { hint: HINTS[code] });
    case 'branch_required':
      return new RefusedError(code, message, { hint: 'Name one: group integrate ID --into BRANCH' });
    default:
      return new RefusedError(code, message);
  }
}

const HINTS = {
  interrupted: 'Resume it.',
  stop_unfinished: 'Finish that first: stop it again.',
  sessions_unfinished: 'Resume it; or stop it, and deliver what has been merged.',
} as const;

/** Why, for people; `{group}` stands for the group's status, `{id}` for the session. */
export const REFUSALS: Readonly<Record<RefusalCode, string>> = {
  not_in_this_state: 'not possible while the group is {group}',
  budget_exhausted: 'the budget is used up; raise the limit to continue',
  session_not_pausable: '{id} cannot be paused now',
  session_not_paused: '{id} is not held',
  message_refused: '{id} takes no message now',
  no_such_request: '{id} is not waiting for this answer',
  still_pausing: 'the group is still pausing; wait until it is paused',
  already_paused: 'the group is already paused',
  already_stopped: 'the group is already stopped',
  sessions_in_the_way: 'a session that the new definition changes or removes is in play or has ended',
  interrupted: 'the group was running when its engine died',
  stop_unfinished: 'the group was stopping when its engine died',
  sessions_unfinished: 'not possible before all its sessions have completed',
  nothing_to_deliver: 'none of its sessions has merged anything',
  branch_required: 'neither the request nor the definition names a branch to deliver into',
  nothing_to_retry: 'there is no failed, stopped or skipped session to retry',
};
