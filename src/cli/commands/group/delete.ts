import { z } from 'zod';
import type { Register } from '../../context.ts';
import { UsageError } from '../../exit-codes.ts';
import { findGroupId } from '../../groups/find.ts';
import { DISCARD_OPTION, TAKE_OVER_OPTION } from '../../options.ts';
import { jsonLine } from '../../text.ts';
import { verbCommand } from '../verb-command.ts';

const DeleteOptions = z.object({
  json: z.boolean().default(false),
  force: z.boolean().default(false),
  takeOver: z.boolean().default(false),
  discard: z.boolean().default(false),
});

/** `group delete ID`: deletes a group and all its data. Refused while a process owns it. */
export const registerGroupDelete: Register = (program, context) => {
  const { services, io } = context;
  verbCommand(program, 'delete', 'group delete')
    .option('--force', 'do not ask for confirmation; required without a terminal')
    .option(...DISCARD_OPTION)
    .option(...TAKE_OVER_OPTION)
    .option('--json', 'print the id as a JSON line')
    .addHelpText('after', EXAMPLES)
    .action(async (word: string, given: unknown) => {
      const { json, force, ...how } = DeleteOptions.parse(given);
      const store = await services.openStore(io.env);
      const id = await findGroupId(word, store, context);
      if (!force) {
        const canAsk = io.stdin.isTTY === true && io.stderr.isTTY === true && !json;
        if (!canAsk) throw new UsageError(`${id} would be deleted permanently`, 'Confirm with --force.');
        if (!(await services.confirm(`Delete ${id} and all its data?`))) {
          io.stderr.write('Nothing was deleted.\n');
          return;
        }
      }
      await services.deleteGroup(id, store, { ...how, env: io.env });
      io.stdout.write(json ? jsonLine({ type: 'deleted', groupId: id }) : `Deleted ${id}\n`);
    });
};

const EXAMPLES = `
Examples:
  session-groups group delete 20260102-030405-auth-refactor
  session-groups group delete auth-refactor --force --json
`;
