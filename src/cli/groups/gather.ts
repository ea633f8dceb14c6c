import { type Picture, pictureOf as pictureFrom } from '../../control/picture.ts';
import type { CliContext } from '../context.ts';
import { findGroup } from './find.ts';

export { type Picture, pictureFrom };

/** The group that a word of the command line means, as `show` tells it. */
export async function pictureOf(word: string, context: CliContext): Promise<Picture> {
  const { io, services } = context;
  return pictureFrom(await findGroup(word, await services.openStore(io.env), context), services);
}
