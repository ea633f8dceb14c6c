import { type Look, lookAt } from '../../control/look.ts';
import { RefusedError } from '../../sdk/errors.ts';
import type { KeptStatus } from '../../sdk/group/standing/kept-status.ts';
import type { StoredGroup } from '../../sdk/group/store/store.ts';
import type { GroupAccess } from '../live/access.ts';

/** The request does not fit how the group stands. */
export function refusedAsIs({ result }: Pick<Look, 'result'>, wanted: string): RefusedError {
  const { groupId, status } = result;
  return new RefusedError('not_in_this_state', `${groupId} cannot be ${wanted}: it is ${status}`);
}

/**
 * How a group stands that nobody runs.
 * @throws RefusedError `not_in_this_state` unless it has one of these statuses.
 */
export async function lookIf(
  statuses: readonly KeptStatus[],
  stored: StoredGroup,
  access: GroupAccess,
  wanted: string,
): Promise<Look> {
  const look = await lookAt(stored, access);
  if (!statuses.includes(look.result.status)) throw refusedAsIs(look, wanted);
  return look;
}
