import { BehaviorSubject, Subject } from 'rxjs';
import { isRest } from '../../../machines/vocabulary.ts';
import { isTransient } from '../../control/reach.ts';
import type { SavedGroupView } from '../../control/read-saved.ts';
import type { ControlClient } from '../../control/wire/client.ts';
import { given } from '../../sdk/given.ts';
import type { GroupEvent } from '../../sdk/group/journal/events.ts';
import type { GroupProgress, GroupResult } from '../../sdk/group/progress/progress.ts';
import type { ShownGroup } from '../services.ts';
import type { ShownResult } from './status.ts';

/** A group in another process, shown as if it ran here. */
export interface RemoteGroup extends ShownGroup {
  /** Emits the events starting at this `seq`; resolves when the group is at rest, or its owner has exited. */
  follow(fromSeq: number): Promise<ShownResult>;
}

/** The progress is requested at most this often, and only after an event. */
const REFRESH_MS = 200;

/** @param readAtRest reads the journal once the group is at rest or its owner has exited. */
export async function remoteGroup(
  client: ControlClient,
  { group }: SavedGroupView['stored'],
  readAtRest: () => Promise<SavedGroupView>,
): Promise<RemoteGroup> {
  const events = new Subject<GroupEvent>();
  const progress = new BehaviorSubject<GroupProgress>(await client.request('status', {}));
  const leaving = new AbortController();
  let latest: GroupResult | undefined;
  let timer: NodeJS.Timeout | undefined;

  const refresh = async () => {
    timer = undefined;
    try {
      progress.next(await client.request('status', {}));
    } catch {
      // The owner has exited: the event stream reports it.
    }
  };
  const afterRequest = async (request: Promise<unknown>): Promise<GroupResult> => {
    await request;
    return latest ?? resultOf(progress.value);
  };

  return {
    id: group.id,
    group,
    events$: events,
    progress$: progress,
    getProgress: () => progress.value,
    getResult: () => latest ?? resultOf(progress.value),
    pause: () => afterRequest(client.request('pause', {}, { wait: false })),
    stop: () => afterRequest(client.request('stop', {}, { wait: false })),
    async follow(fromSeq) {
      try {
        for await (const event of client.watch({ fromSeq }, { signal: leaving.signal })) {
          events.next(event);
          timer ??= setTimeout(refresh, REFRESH_MS);
          if (isRest(event.type)) break;
        }
      } catch (error) {
        if (!isTransient(error)) throw error;
      }
      clearTimeout(timer);
      const { view, result } = await readAtRest();
      latest = view.result;
      progress.next(view.progress);
      return result;
    },
    async dispose() {
      clearTimeout(timer);
      leaving.abort();
      client.close();
    },
  };
}

/** A preliminary result while the group is running. */
function resultOf(progress: GroupProgress): GroupResult {
  const { groupId, status, totalCostUsd, totalTokens, elapsedMs } = progress;
  const sessions = progress.sessions.map(({ id, forEach, status, skipReason, error, costUsd, attempts }) => {
    return [id, given({ forEach, status, reason: skipReason, error, costUsd, attempts })] as const;
  });
  return { groupId, status, sessions: Object.fromEntries(sessions), totalCostUsd, totalTokens, elapsedMs };
}
