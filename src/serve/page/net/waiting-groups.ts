import type { GroupList } from '../../api-types.ts';
import type { Api } from './api.ts';
import { poll } from './poll.ts';

const PAUSE_MS = 10_000;

/** Counts the groups besides this one that wait for a person, again and again until it is closed. */
export function waitingGroups(api: Api, but: string, count: (groups: number) => void): () => void {
  const look = poll(async () => {
    // Whether the server can be reached is shown by the group's own stream.
    const found = await api
      .get<GroupList>('/groups?status=running,paused,interrupted,failed')
      .catch(() => undefined);
    if (found === undefined) return;
    count(found.groups.filter(({ id, attention }) => attention !== undefined && id !== but).length);
  }, PAUSE_MS);
  return look.close;
}
