import { z } from 'zod';
import type { Register } from '../../context.ts';
import { findGroup } from '../../groups/find.ts';
import { JsonOption, TAKE_OVER_OPTION } from '../../options.ts';
import { jsonLine } from '../../text.ts';
import { verbCommand } from '../verb-command.ts';

const ArchiveOptions = JsonOption.extend({ takeOver: z.boolean().default(false) });

/** `group archive ID`: hides a group from lists until it runs again. */
export const registerGroupArchive: Register = (program, context) => {
  const { services, io } = context;
  verbCommand(program, 'archive', 'group archive')
    .option(...TAKE_OVER_OPTION)
    .option('--json', 'print the id as a JSON line')
    .addHelpText('after', EXAMPLES)
    .action(async (word: string, given: unknown) => {
      const { json, ...how } = ArchiveOptions.parse(given);
      const store = await services.openStore(io.env);
      const { group } = await findGroup(word, store, context);
      await services.archiveGroup(group.id, store, how);
      io.stdout.write(json ? jsonLine({ type: 'archived', groupId: group.id }) : `Archived ${group.id}\n`);
    });
};

const EXAMPLES = `
Examples:
  session-groups group archive 20260102-030405-auth-refactor
  session-groups group list --archived    still shows it
`;
