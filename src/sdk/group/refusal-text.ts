import type { RefusalCode } from '../../../machines/contract.ts';
import type { GroupStatus } from '../../../machines/vocabulary.ts';

/** Why the chart refused a request, for people. */
export function refusalText(code: RefusalCode, status: GroupStatus): string {
  return TEXTS[code].replace('{status}', status);
}

const TEXTS: Readonly<Record<RefusalCode, string>> = {
  not_in_this_state: 'not possible while the group is {status}',
  budget_exhausted: 'the budget is used up: raise the limit to go on',
  session_not_pausable: 'the session is not in play, or is paused already',
  session_not_paused: 'the session is not paused by itself',
  no_such_request: 'the session does not wait for this answer',
  still_pausing: 'the group is still pausing: wait until it is paused',
  already_paused: 'the group is paused already',
  already_stopped: 'the group is stopped already',
  sessions_in_the_way: 'a session that the new definition changes or takes away is in play, or has ended',
  nothing_to_retry: 'there is no failed, stopped or skipped session to run again',
};
