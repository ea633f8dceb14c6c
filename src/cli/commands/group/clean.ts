import { z } from 'zod';
import { UnmergedWorkError } from '../../../sdk/group/delivery/unmerged.ts';
import type { Register } from '../../context.ts';
import { findGroup } from '../../groups/find.ts';
import { DISCARD_OPTION, GROUP_ARGUMENT, TAKE_OVER_OPTION } from '../../options.ts';
import { cleanLine, jsonLine } from '../../text.ts';

const CleanOptions = z.object({
  discard: z.boolean().default(false),
  takeOver: z.boolean().default(false),
  json: z.boolean().default(false),
});

/** `group clean ID`: takes away the trees of its sessions, if what they have is merged. Exit 5 if some stay. */
export const registerGroupClean: Register = (program, context) => {
  const { services, io } = context;
  program
    .command('clean')
    .description("Remove the working trees of a group's sessions whose work is merged; branches stay")
    .argument(...GROUP_ARGUMENT)
    .option(...DISCARD_OPTION)
    .option(...TAKE_OVER_OPTION)
    .option('--json', 'print each removed tree as a JSON line')
    .addHelpText('after', EXAMPLES)
    .action(async (word: string, given: unknown) => {
      const { json, ...how } = CleanOptions.parse(given);
      const store = await services.openStore(io.env);
      const { group } = await findGroup(word, store, context);
      const { released, kept } = await services.cleanGroup(group.id, store, { ...how, env: io.env });
      for (const sessionId of released) {
        const line = { type: 'removed', groupId: group.id, sessionId };
        io.stdout.write(json ? jsonLine(line) : `Removed the tree of ${cleanLine(sessionId)}\n`);
      }
      if (kept.length > 0) throw new UnmergedWorkError(group.id, kept);
      if (released.length === 0) io.stderr.write('No session has a working tree.\n');
    });
};

const EXAMPLES = `
Examples:
  session-groups group clean auth-refactor
  session-groups group clean auth-refactor --discard
                                          keeps what is not merged under refs/session-groups/archive/
`;
