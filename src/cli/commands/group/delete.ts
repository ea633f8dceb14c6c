import { z } from 'zod';
import type { Register } from '../../context.ts';
import { UsageError } from '../../exit-codes.ts';
import { findGroupId } from '../../groups/find.ts';
import { DEBUG_OPTION } from '../../options.ts';
import { jsonLine } from '../../text.ts';
import { verbCommand } from '../verb-command.ts';

const DeleteOptions = z.object({ json: z.boolean().default(false), force: z.boolean().default(false) });

/** `group delete ID`: removes a group and all that is kept of it. Refused while it is live. */
export const registerGroupDelete: Register = (program, context) => {
  const { services, io } = context;
  verbCommand(program, 'delete', 'group delete')
    .option('--force', 'do not ask; needed without a terminal')
    .option('--json', 'print the id as a line of JSON')
    .option(...DEBUG_OPTION)
    .addHelpText('after', EXAMPLES)
    .action(async (word: string, given: unknown) => {
      const { json, force } = DeleteOptions.parse(given);
      const store = await services.openStore(io.env);
      const id = await findGroupId(word, store, context);
      if (!force) {
        const asks = io.stdin.isTTY === true && io.stderr.isTTY === true && !json;
        if (!asks) throw new UsageError(`${id} would be removed for good`, 'To do so, add --force.');
        if (!(await services.confirm(`Remove ${id} and all that is kept of it?`))) {
          io.stderr.write('Nothing was removed.\n');
          return;
        }
      }
      await services.deleteGroup(id, store);
      io.stdout.write(json ? jsonLine({ type: 'deleted', groupId: id }) : `${id} is deleted\n`);
    });
};

const EXAMPLES = `
Examples:
  session-groups group delete 20260102-030405-auth-refactor
  session-groups group delete auth-refactor --force --json
`;
