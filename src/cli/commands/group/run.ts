import { lookAt } from '../../../control/look.ts';
import type { Register } from '../../context.ts';
import { reachGroup } from '../../groups/reach.ts';
import { refusedAsIs } from '../../groups/refusals.ts';
import { GROUP_ARGUMENT } from '../../options.ts';
import { runHere } from '../../run/foreground.ts';
import { ForegroundOptions, foregroundOptions } from '../../run/run-options.ts';
import { takeGroup } from '../../run/take.ts';

/** `group run ID`: starts a group that was created before. */
export const registerGroupRun: Register = (program, context) => {
  const command = program
    .command('run')
    .description('Run a group that was created and not started yet')
    .argument(...GROUP_ARGUMENT);
  foregroundOptions(command).action(async (word: string, given: unknown) => {
    const options = ForegroundOptions.parse(given);
    context.exitCode = await reachGroup(word, context, {
      owned: async (_client, stored) => {
        throw refusedAsIs(await lookAt(stored, context.services), 'started');
      },
      free: async (stored, store) => {
        const look = await lookAt(stored, context.services);
        if (look.result.status !== 'created') throw refusedAsIs(look, 'started');
        const group = await takeGroup(stored, store, context, options);
        return runHere(group, () => group.run(), options, context.io);
      },
    });
  });
};
