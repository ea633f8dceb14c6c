import { SessionGroupsError } from '../errors.ts';

/** What those who wait for a group are told when its chart has failed; an error of ours says itself what is wrong. */
export function chartFailure(reason: unknown): SessionGroupsError {
  if (reason instanceof SessionGroupsError) return reason;
  const cause = reason instanceof Error ? reason : new Error(String(reason));
  return new SessionGroupsError('internal_error', `the group's chart has failed: ${cause.message}`, {
    cause,
  });
}
