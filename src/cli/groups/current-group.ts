import { type CurrentGroup, currentGroup as readCurrent } from '../../control/current-group.ts';
import { ownersAt } from '../../control/reach.ts';
import type { StoredGroup } from '../../sdk/group/store/store.ts';
import type { CliContext } from '../context.ts';
import { findGroup } from './find.ts';

export type { CurrentGroup };

/** Finds the group for a command-line argument and reads its current state. */
export async function currentGroup(word: string, context: CliContext): Promise<CurrentGroup> {
  const { io, services } = context;
  return currentGroupOf(await findGroup(word, await services.openStore(io.env), context), context);
}

export const currentGroupOf = (stored: StoredGroup, { services }: CliContext): Promise<CurrentGroup> =>
  readCurrent(stored, { viewGroup: services.viewGroup, ...ownersAt(services.connect) });
