import { BehaviorSubject, Subject } from 'rxjs';
import { isRest } from '../../../machines/vocabulary.ts';
import { isTransient, refuseSuspended } from '../../control/reach.ts';
import type { SavedGroupView } from '../../control/read-saved.ts';
import type { ControlClient } from '../../control/wire/client.ts';
import { systemClock } from '../../sdk/clock.ts';
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

/** @param saved the group as its journal has it, which is all that can be known while its owner is suspended. */
export async function remoteGroup(
  client: ControlClient,
  { stored, view: before }: Pick<SavedGroupView, 'stored' | 'view'>,
  { readAtRest, read }: RemoteJournal,
): Promise<RemoteGroup> {
  const { group, dir } = stored;
  const events = new Subject<GroupEvent>();
  let suspended = suspensionOf(stored);
  const now = suspended ? before.progress : await client.request('status', {});
  const progress = new BehaviorSubject<GroupProgress>(now);
  const leaving = new AbortController();
  let latest: GroupResult | undefined;
  let timer: NodeJS.Timeout | undefined;

  let asking = false;

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
    if (!asking || !stored?.owner?.suspended) return;
    suspended = suspensionOf(stored);
    progress.next(progress.value);
  };
  const ask: ControlClient['request'] = async (method, params, options) => {
    refuseSuspended(await read(), systemClock);
    return client.request(method, params, options);
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
    pause: () => afterRequest(ask('pause', {}, { wait: false })),
    stop: () => afterRequest(ask('stop', {}, { wait: false })),
    pauseSession: async id => void (await ask('session_pause', { id })),
    resumeSession: async id => void (await ask('session_resume', { id })),
    answer: async (requestId, decision, by) => void (await ask('answer', { requestId, decision, by })),
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
      suspended = undefined;
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

type Suspension = ReturnType<NonNullable<ShownGroup['suspended']>>;

function suspensionOf(stored: StoredGroup): Suspension {
  const { owner } = stored;
  return owner?.suspended ? { pid: owner.pid, since: foldOf(stored).suspendedAt } : undefined;
}

/** A preliminary result while the group is running. */
function resultOf(progress: GroupProgress): GroupResult {
  const { groupId, status, totalCostUsd, totalTokens, elapsedMs } = progress;
  const sessions = progress.sessions.map(({ id, forEach, status, skipReason, error, costUsd, attempts }) => {
    return [id, given({ forEach, status, reason: skipReason, error, costUsd, attempts })] as const;
  });
  return { groupId, status, sessions: Object.fromEntries(sessions), totalCostUsd, totalTokens, elapsedMs };
}
