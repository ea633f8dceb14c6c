import { z } from 'zod';
import { takingOver } from '../../../control/reach.ts';
import type { CliContext } from '../../context.ts';
import { findGroupId } from '../../groups/find.ts';
import { JsonOption } from '../../json-option.ts';
import { jsonLine } from '../../text.ts';

const ArchiveOptions = JsonOption.extend({ takeOver: z.boolean().default(false) });

/** `group archive ID`: hides a group from lists until it runs again. */
export async function groupArchive(context: CliContext, word: string, given: unknown): Promise<void> {
  const { services, io } = context;
  const { json, ...how } = ArchiveOptions.parse(given);
  const store = await services.openStore(io.env);
  const groupId = await findGroupId(word, store, context);
  await takingOver(services.archiveGroup(groupId, store, how), () => store.read(groupId));
  io.stdout.write(json ? jsonLine({ type: 'archived', groupId }) : `Archived ${groupId}\n`);
}
