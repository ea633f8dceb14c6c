import type { Changes, Diff } from '../../sdk/group/delivery/changes.ts';
import { type DeliveryView, viewDelivery } from '../../sdk/group/delivery/delivery-view.ts';
import type { RepositoryDelivery, SessionDelivery } from '../../sdk/group/delivery/overview.ts';
import { sessionOf } from './session-of.ts';
import type { ApiWorld } from './world.ts';

/** What a group's sessions did, and which refs integrating would move. */
export interface DeliveryDetail {
  readonly sessions: readonly SessionDelivery[];
  readonly repositories: readonly RepositoryDelivery[];
}

/** Files and text of what was changed; empty if nothing is saved or merged yet. */
export interface DiffDetail {
  readonly changes: readonly Changes[];
  readonly diffs: readonly Diff[];
}

const viewOf = async (id: string, { access, env }: ApiWorld, signal: AbortSignal): Promise<DeliveryView> =>
  viewDelivery(await access.read(id), { env, signal });

/** @param into short name of a branch; undefined: the definition's. */
export async function deliveryDetail(
  id: string,
  into: string | undefined,
  world: ApiWorld,
  signal: AbortSignal,
): Promise<DeliveryDetail> {
  const view = await viewOf(id, world, signal);
  return { sessions: view.sessions(), repositories: await view.repositories(into) };
}

export async function groupDiff(id: string, world: ApiWorld, signal: AbortSignal): Promise<DiffDetail> {
  const view = await viewOf(id, world, signal);
  return { changes: await view.changes(), diffs: await view.diffs() };
}

/** @throws SessionGroupsError `unknown_session`. */
export async function sessionDiff(
  id: string,
  sessionId: string,
  world: ApiWorld,
  signal: AbortSignal,
): Promise<DiffDetail> {
  sessionOf(sessionId, await world.access.read(id));
  const view = await viewOf(id, world, signal);
  const [changes, diff] = [await view.sessionChanges(sessionId), await view.sessionDiff(sessionId)];
  return { changes: changes ? [changes] : [], diffs: diff ? [diff] : [] };
}
