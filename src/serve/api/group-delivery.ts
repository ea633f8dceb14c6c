import { suspendedRefusal } from '../../control/reach.ts';
import { integrateRefusal } from '../../control/refusals.ts';
import { given } from '../../sdk/given.ts';
import { viewDelivery } from '../../sdk/group/delivery/delivery-view.ts';
import { deliveredInto } from '../../sdk/group/standing/deliverable.ts';
import type { DeliveryDetail, DiffDetail } from '../delivery-types.ts';
import { sessionOf } from './session-of.ts';
import type { ApiWorld } from './world.ts';

const viewOf = async (id: string, { access, env }: ApiWorld, signal: AbortSignal) => {
  const stored = await access.read(id);
  return { stored, view: viewDelivery(stored, { env, signal }) };
};

/** @param into short name of a branch; undefined: the one that it was delivered into, else the definition's. */
export async function deliveryDetail(
  id: string,
  into: string | undefined,
  world: ApiWorld,
  signal: AbortSignal,
): Promise<DeliveryDetail> {
  const { stored, view } = await viewOf(id, world, signal);
  const delivered = deliveredInto(stored);
  const wanted = into ?? delivered;
  const refused =
    suspendedRefusal(stored, world.clock) ?? (await integrateRefusal(stored, wanted, world.access));
  return {
    sessions: view.sessions(),
    repositories: await view.repositories(wanted),
    ...given({ delivered }),
    ...(refused && { refusal: given({ code: refused.code, message: refused.message, hint: refused.hint }) }),
    undo: await view.undo(),
  };
}

export async function groupDiff(id: string, world: ApiWorld, signal: AbortSignal): Promise<DiffDetail> {
  const { view } = await viewOf(id, world, signal);
  return { changes: await view.changes(), diffs: await view.diffs() };
}

/** @throws SessionGroupsError `unknown_session`. */
export async function sessionDiff(
  id: string,
  sessionId: string,
  world: ApiWorld,
  signal: AbortSignal,
): Promise<DiffDetail> {
  const { stored, view } = await viewOf(id, world, signal);
  sessionOf(sessionId, stored);
  const [changes, diff] = [await view.sessionChanges(sessionId), await view.sessionDiff(sessionId)];
  return { changes: changes ? [changes] : [], diffs: diff ? [diff] : [] };
}
