import { readSaved } from '../../control/read-saved.ts';
import { toUsd } from '../../sdk/group/cost/ledger.ts';
import { spendingChanges } from '../../sdk/group/standing/spending-changes.ts';
import type { CostHistory, RequestOutcome } from '../api-types.ts';
import type { ApiWorld } from './world.ts';

/** How each session of a group went, or stands. */
export async function groupResult(id: string, { access }: ApiWorld): Promise<RequestOutcome> {
  const { result } = await readSaved(await access.read(id), access);
  return { result };
}

const MOST_POINTS = 200;

/** What a group has spent over time. Reads its journal, one record at a time. */
export async function groupCost(id: string, { access }: ApiWorld): Promise<CostHistory> {
  const changes: { readonly at: number; readonly microUsd: number }[] = [];
  let microUsd = 0;
  for await (const { at, microUsd: spent } of spendingChanges(await access.read(id))) {
    microUsd += spent;
    if (at === undefined) continue;
    changes.push({ at, microUsd });
    if (changes.length >= 2 * MOST_POINTS) thin(changes);
  }
  while (changes.length > MOST_POINTS) thin(changes);
  return {
    points: changes.map(change => ({
      time: new Date(change.at).toISOString(),
      costUsd: toUsd(change.microUsd),
    })),
  };
}

/** Leaves the last of every two neighbours: the sum at the end stays. */
function thin(changes: unknown[]): void {
  const last = changes.length - 1;
  const kept = changes.filter((_, index) => (last - index) % 2 === 0);
  changes.splice(0, changes.length, ...kept);
}
