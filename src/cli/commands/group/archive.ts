import { z } from 'zod';
import type { Register } from '../../context.ts';
import { findGroup } from '../../groups/find.ts';
import { DEBUG_OPTION, GROUP_ARGUMENT } from '../../options.ts';
import { jsonLine } from '../../text.ts';

const ArchiveOptions = z.object({ json: z.boolean().default(false) });

/** `group archive ID`: keeps a group out of lists until it runs again. */
export const registerGroupArchive: Register = (program, context) => {
  const { services, io } = context;
  program
    .command('archive')
    .description('Keep a group that is settled, or has not started, out of lists')
    .argument(...GROUP_ARGUMENT)
    .option('--json', 'print the id as a line of JSON')
    .option(...DEBUG_OPTION)
    .addHelpText('after', EXAMPLES)
    .action(async (word: string, given: unknown) => {
      const { json } = ArchiveOptions.parse(given);
      const store = await services.openStore(io.env);
      const { group } = await findGroup(word, store, context);
      await services.archiveGroup(group.id, store);
      io.stdout.write(json ? jsonLine({ type: 'archived', groupId: group.id }) : `${group.id} is archived\n`);
    });
};

const EXAMPLES = `
Examples:
  session-groups group archive 20260102-030405-auth-refactor
  session-groups group list --archived    shows it still
`;
