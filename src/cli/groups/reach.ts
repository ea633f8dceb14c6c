import * as control from '../../control/reach.ts';
import type { GroupStore, StoredGroup, TakeOptions } from '../../sdk/group/store/store.ts';
import type { CliContext } from '../context.ts';
import { findGroup } from './find.ts';

/** What to do with a group, depending on whether it has a live owner. */
export interface Ways<T> extends Pick<control.Ways<T>, 'owned'> {
  /** No live process owns it: it can be taken over. */
  free(stored: StoredGroup, store: GroupStore): Promise<T>;
  /** Its owner died before it answered, and the request is in effect; see control/reach.ts. */
  applied?(stored: StoredGroup, store: GroupStore): Promise<T | undefined>;
}

/**
 * Finds the group for a command-line argument, and calls the way that fits.
 * @throws UsageError `unknown_group`, `ambiguous_group`; GroupOwnedError if its owner does not listen; RefusedError
 * `owner_not_answering`.
 */
export async function reachGroup<T>(
  word: string,
  context: CliContext,
  { takeOver = false, observing = false }: TakeOptions & Pick<control.Reach, 'observing'>,
  ways: Ways<T>,
): Promise<T> {
  const { io, services } = context;
  const store = await services.openStore(io.env);
  let id: string | undefined;
  // Found once: what a word means depends on the states of the groups, and the request changes them.
  const find = async () => {
    const stored = await (id === undefined ? findGroup(word, store, context) : store.read(id));
    id = stored.group.id;
    return stored;
  };
  return control.reachGroup(
    { find, takeOver, observing, ...control.ownersAt(services.connect) },
    {
      ...ways,
      free: stored => ways.free(stored, store),
      applied: async stored => ways.applied?.(stored, store),
    },
  );
}
