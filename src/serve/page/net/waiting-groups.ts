import type { AttentionView } from '../../attention-types.ts';
import type { Api } from './api.ts';
import { poll } from './poll.ts';

const PAUSE_MS = 10_000;

/** Counts the groups besides this one that wait for a person, again and again until it is closed. */
export function waitingGroups(api: Api, but: string, count: (groups: number) => void): () => void {
  const look = poll(async () => {
    // Whether the server can be reached is shown by the group's own stream.
    const found = await api.get<AttentionView>('/attention').catch(() => undefined);
    if (found === undefined) return;
    const groups = new Set(found.items.map(({ groupId }) => groupId));
    groups.delete(but);
    count(groups.size);
  }, PAUSE_MS);
  return look.close;
}
