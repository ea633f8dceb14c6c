import { z } from 'zod';
import { takingOver } from '../../../control/reach.ts';
import { UnmergedWorkError } from '../../../sdk/group/delivery/unmerged-work-error.ts';
import type { CliContext } from '../../context.ts';
import { findGroup } from '../../groups/find.ts';
import { cleanLine, jsonLine } from '../../text.ts';

const CleanOptions = z.object({
  discard: z.boolean().default(false),
  takeOver: z.boolean().default(false),
  json: z.boolean().default(false),
});

/** `group clean ID`: takes away the trees of its sessions, if what they have is merged. Exit 5 if some stay. */
export async function groupClean(context: CliContext, word: string, given: unknown): Promise<void> {
  const { services, io } = context;
  const { json, ...how } = CleanOptions.parse(given);
  const store = await services.openStore(io.env);
  const { group } = await findGroup(word, store, context);
  const cleaning = services.cleanGroup(group.id, store, { ...how, env: io.env });
  const { released, kept } = await takingOver(cleaning, () => store.read(group.id));
  for (const sessionId of released) {
    const line = { type: 'removed', groupId: group.id, sessionId };
    io.stdout.write(json ? jsonLine(line) : `Removed the tree of ${cleanLine(sessionId)}\n`);
  }
  if (kept.length > 0) throw new UnmergedWorkError(group.id, kept);
  if (released.length === 0) io.stderr.write('No session has a working tree.\n');
}
