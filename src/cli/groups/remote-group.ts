import { BehaviorSubject, Subject } from 'rxjs';
import { isRest } from '../../../machines/vocabulary.ts';
import { isTransient } from '../../control/reach.ts';
import type { SavedGroupView } from '../../control/read-saved.ts';
import type { ControlClient } from '../../control/wire/client.ts';
import { given } from '../../sdk/given.ts';
import type { GroupEvent } from '../../sdk/group/journal/events.ts';
import { eventsOf } from '../../sdk/group/journal/streams/journal-stream.ts';
import type { GroupProgress, GroupResult } from '../../sdk/group/progress/progress.ts';
import { foldOf } from '../../sdk/group/standing/saved-group.ts';
import type { StoredGroup } from '../../sdk/group/store/store.ts';
import type { ShownGroup } from '../services.ts';
import type { ShownResult } from './status.ts';

/** A group in another process, shown as if it ran here. */
export interface RemoteGroup extends ShownGroup {
  /** Emits the events starting at this `seq`; resolves when the group is at rest, or its owner has exited. */
  follow(fromSeq: number): Promise<ShownResult>;
}

/** After an event, the progress is requested at most this often. */
const REFRESH_MS = 200;

/** Where its journal is read. */
export interface RemoteJournal {
  /** Once the group is at rest or its owner has exited. */
  readAtRest(): Promise<SavedGroupView>;
  /** The group as it is saved now. */
  read(): Promise<StoredGroup>;
}

export async function remoteGroup(
  client: ControlClient,
  { group, dir }: StoredGroup,
  { readAtRest, read }: RemoteJournal,
): Promise<RemoteGroup> {
  const events = new Subject<GroupEvent>();
  const progress = new BehaviorSubject<GroupProgress>(await client.request('status', {}));
  const leaving = new AbortController();
  let latest: GroupResult | undefined;
  let timer: NodeJS.Timeout | undefined;

  let asking = false;
  let suspended: ReturnType<NonNullable<ShownGroup['suspended']>>;

  const refresh = async () => {
    timer = undefined;
    try {
      progress.next(await client.request('status', {}));
      suspended = undefined;
    } catch {
      // The owner has exited: the event stream reports it. Or it does not answer.
    }
  };
  const look = async () => {
    if (asking) return findOut();
    asking = true;
    await refresh();
    asking = false;
  };
  /** Why it has not answered. */
  const findOut = async () => {
    const stored = await read().catch(() => undefined);
    const { owner } = stored ?? {};
    if (!asking || !stored || !owner?.suspended) return;
    suspended = { pid: owner.pid, since: foldOf(stored).suspendedAt };
    progress.next(progress.value);
  };
  const afterRequest = async (request: Promise<unknown>): Promise<GroupResult> => {
    await request;
    return latest ?? resultOf(progress.value);
  };

  return {
    id: group.id,
    dir,
    group,
    events$: events,
    progress$: progress,
    getProgress: () => progress.value,
    refresh: () => void look(),
    suspended: () => suspended,
    getResult: () => latest ?? resultOf(progress.value),
    pause: () => afterRequest(client.request('pause', {}, { wait: false })),
    stop: () => afterRequest(client.request('stop', {}, { wait: false })),
    pauseSession: async id => void (await client.request('session_pause', { id })),
    resumeSession: async id => void (await client.request('session_resume', { id })),
    answer: async (requestId, decision, by) =>
      void (await client.request('answer', { requestId, decision, by })),
    async *history(fromSeq = 0) {
      yield* eventsOf((await read()).history({ fromSeq }), [], fromSeq);
    },
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
