import type { Clock } from '../../clock.ts';
import { deferred } from '../../process/deferred.ts';
import { storeFailure } from '../journal/buffered-records.ts';
import { answerInTime } from '../journal/records-in-flight.ts';
import type { GroupStore, OwnedGroup } from '../store/store.ts';

/**
 * A store as its host provides it, of which nothing waits for ever (FLIGHT-2): a call that isn't answered in time has
 * failed, with `store_failed`. What becomes owned after that is given back.
 */
export function shieldedStore(store: GroupStore, clock: Clock): GroupStore {
  const inTime = <T>(answer: PromiseLike<T>): Promise<T> => answerInTime(clock, answer);
  return {
    create: group => ownedInTime(clock, store.create(group), id => store.remove(id)),
    take: (id, options) => ownedInTime(clock, store.take(id, options)),
    read: async id => inTime(store.read(id)),
    list: async options => inTime(store.list(options)),
    async remove(id, options, before) {
      const reached = deferred<{ readonly over: Promise<unknown> }>();
      const prepared = (): Promise<unknown> => {
        const over = before?.() ?? Promise.resolve();
        reached.resolve({ over });
        return over;
      };
      const removing = store.remove(id, options, prepared);
      const first = await inTime(Promise.race([removing, reached.promise]));
      if (typeof first !== 'string') await first.over.catch(() => {}); // as long as it takes; the store tells
      return inTime(removing);
    },
  };
}

async function ownedInTime(
  clock: Clock,
  taking: Promise<OwnedGroup>,
  undo: (id: string) => Promise<unknown> = async () => {},
): Promise<OwnedGroup> {
  try {
    return await answerInTime(clock, taking);
  } catch (reason) {
    // Does nothing if that was the store's own answer.
    const giveBack = async (owned: OwnedGroup): Promise<void> => {
      await owned.release();
      await undo(owned.group.id);
    };
    taking.then(giveBack).catch(() => {});
    throw reason;
  }
}

/** @throws SessionGroupsError if the store can't, or doesn't answer in time. */
export async function releaseInTime(owned: Pick<OwnedGroup, 'release'>, clock: Clock): Promise<void> {
  try {
    await answerInTime(clock, owned.release());
  } catch (reason) {
    throw storeFailure(reason);
  }
}
