import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { isSettledGroup } from '../../../../machines/vocabulary.ts';
import { parseDuration } from '../../../sdk/duration.ts';
import { counted } from '../../../sdk/format.ts';
import { GroupOwnedError } from '../../../sdk/group/store/store.ts';
import type { Register } from '../../context.ts';
import { jsonLine } from '../../text.ts';

const PruneOptions = z.object({
  olderThan: z.number(),
  dryRun: z.boolean().default(false),
  json: z.boolean().default(false),
});

/** `group prune --older-than 30d`: deletes settled groups without any change for that long. */
export const registerGroupPrune: Register = (program, context) => {
  const { services, io } = context;
  program
    .command('prune')
    .description('Delete groups that settled long ago, including archived ones')
    .requiredOption('--older-than <duration>', 'settled at least this long ago: 12h, 30d', age)
    .option('--dry-run', 'print what would be deleted, and delete nothing')
    .option('--json', 'print each group as a JSON line')
    .addHelpText('after', EXAMPLES)
    .action(async (given: unknown) => {
      const { olderThan, dryRun, json } = PruneOptions.parse(given);
      const store = await services.openStore(io.env);
      let count = 0;
      for (const { id, status, updatedAt } of await store.list({ archived: true })) {
        if (!isSettledGroup(status) || io.now() - Date.parse(updatedAt) < olderThan) continue;
        try {
          if (!dryRun) await services.deleteGroup(id, store);
        } catch (error) {
          if (error instanceof GroupOwnedError) continue; // a process has it open
          throw error;
        }
        count++;
        io.stdout.write(json ? jsonLine({ type: dryRun ? 'prunable' : 'deleted', groupId: id }) : `${id}\n`);
      }
      io.stderr.write(`${counted(count, 'group')} ${dryRun ? 'would be deleted' : 'deleted'}.\n`);
    });
};

function age(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('Expected a duration such as 12h or 30d.');
  return ms;
}

const EXAMPLES = `
Examples:
  session-groups group prune --older-than 30d --dry-run
  session-groups group prune --older-than 30d
`;
