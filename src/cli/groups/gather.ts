import { type Picture, pictureOf as pictured } from '../../control/picture.ts';
import { ownersAt } from '../../control/reach.ts';
import type { StoredGroup } from '../../sdk/group/store/store.ts';
import type { CliContext } from '../context.ts';
import { findGroup } from './find.ts';

export type { Picture };

/** The group that a word of the command line means, as `show` tells it. */
export async function pictureOf(word: string, context: CliContext): Promise<Picture> {
  const { io, services } = context;
  return pictureFrom(await findGroup(word, await services.openStore(io.env), context), context);
}

export const pictureFrom = (stored: StoredGroup, { services }: CliContext): Promise<Picture> =>
  pictured(stored, { viewGroup: services.viewGroup, ...ownersAt(services.connect) });
