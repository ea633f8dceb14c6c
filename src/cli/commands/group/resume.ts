import { z } from 'zod';
import { lookAt } from '../../../control/look.ts';
import type { Register } from '../../context.ts';
import { reachGroup } from '../../groups/reach.ts';
import { refusedAsIs, withCommand } from '../../groups/refusals.ts';
import { BUDGET_OPTION, GROUP_ARGUMENT } from '../../options.ts';
import { askAndFollow } from '../../run/follow.ts';
import { runHere } from '../../run/foreground.ts';
import { ForegroundOptions, foregroundOptions } from '../../run/run-options.ts';
import { takeGroup } from '../../run/take.ts';

const ResumeOptions = ForegroundOptions.extend({
  maxBudgetUsd: z.union([z.number(), z.literal('none')]).optional(),
});

/** `group resume ID`: goes on with a paused or interrupted group, here or in the process that owns it. */
export const registerGroupResume: Register = (program, context) => {
  const { services, io } = context;
  const command = program
    .command('resume')
    .description('Go on with a group that is paused, or whose process has died')
    .argument(...GROUP_ARGUMENT)
    .option(...BUDGET_OPTION);
  foregroundOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (word: string, given: unknown) => {
      const { maxBudgetUsd, ...options } = ResumeOptions.parse(given);
      context.exitCode = await reachGroup(word, context, {
        owned: (client, stored) => {
          const ask = async (status: string) => {
            const raises = maxBudgetUsd !== undefined && (status === 'running' || status === 'paused');
            if (raises) await client.request('set_max_budget', { usd: maxBudgetUsd });
            // A running group needs nothing but its new limit.
            if (!raises || status === 'paused') await client.request('resume', {}, { wait: false });
          };
          return askAndFollow(client, stored, ask, options, context).catch(error => {
            throw withCommand(error, stored.group.id);
          });
        },
        free: async (stored, store) => {
          const look = await lookAt(stored, services);
          if (!RESUMABLE.has(look.result.status)) throw refusedAsIs(look, 'resumed');
          const group = await takeGroup(stored, store, context, options);
          const limit = maxBudgetUsd === undefined ? {} : { maxBudgetUsd };
          // A stop that was under way when its process died is carried out.
          const begin = () => (look.view.result.status === 'stopping' ? group.stop() : group.resume(limit));
          return runHere(group, begin, options, io).catch(error => {
            throw withCommand(error, group.id);
          });
        },
      });
    });
};

const RESUMABLE: ReadonlySet<string> = new Set(['paused', 'interrupted']);

const EXAMPLES = `
Examples:
  session-groups group resume 20260102-030405-auth-refactor
  session-groups group resume auth-refactor --max-budget-usd 20
                                          sets the limit, also of a group that is running
`;
