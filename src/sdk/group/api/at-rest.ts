import { isLiveGroup } from '../../../../machines/vocabulary.ts';
import { type Clock, isoTime } from '../../clock.ts';
import { RefusedError } from '../../errors.ts';
import type { GroupEventBody } from '../journal/events.ts';
import type { GroupFold } from '../journal/fold.ts';
import type { JournalRecord } from '../journal/records.ts';
import { foldOf } from '../standing/saved-group.ts';
import type { SessionGroup } from '../types.ts';
import { keptLater } from './shielded-parts.ts';
import { releaseInTime } from './shielded-store.ts';
import { type TakeOverOptions, takeOver } from './take-over.ts';

/** A group that is owned, and not live. */
export interface AtRest {
  readonly group: SessionGroup;
  readonly fold: GroupFold;
  readonly dir: string | undefined;
  /** Journals a record: it is written once this has resolved. */
  append(record: JournalRecord): Promise<void>;
  /** Journals an event. */
  tell(body: GroupEventBody): Promise<void>;
  synced(): Promise<void>;
}

/** Owns a group for as long as `use` takes. @throws RefusedError `not_in_this_state` for one that was interrupted. */
export async function atRest<T>(
  word: string,
  options: TakeOverOptions & { readonly clock: Clock },
  wanted: string,
  use: (group: AtRest) => Promise<T>,
): Promise<T> {
  const owned = await takeOver(word, options);
  try {
    const { group, journal } = owned;
    const { id } = group;
    const fold = foldOf(owned);
    if (isLiveGroup(fold.status)) {
      throw new RefusedError(
        'not_in_this_state',
        `${id} cannot be ${wanted}: its engine died in its middle`,
        {
          hint: `Resume or stop it first: session-groups group resume ${id}`,
        },
      );
    }
    let { seq } = fold;
    const append = async (record: JournalRecord) => keptLater(options.clock, () => journal.append(record));
    const tell = (body: GroupEventBody) =>
      append({ ...body, seq: seq++, time: isoTime(options.clock), groupId: id });
    const synced = async () => keptLater(options.clock, () => journal.synced());
    const outcome = await use({ group, fold, dir: owned.dir, append, tell, synced });
    await synced();
    return outcome;
  } finally {
    await releaseInTime(owned, options.clock);
  }
}
