import { z } from 'zod';
import { lookAt } from '../../../control/look.ts';
import type { Register } from '../../context.ts';
import { reachGroup } from '../../groups/reach.ts';
import { refusedAsIs } from '../../groups/refusals.ts';
import { sayOutcome } from '../../groups/say.ts';
import { DEBUG_OPTION, GROUP_ARGUMENT, NO_WAIT_OPTION, RESULT_OPTION } from '../../options.ts';
import { takeGroup } from '../../run/take.ts';

const StopOptions = z.object({ json: z.boolean().default(false), wait: z.boolean().default(true) });

/** `group stop ID`: ends what is live and skips the rest; `group retry` can still take it up. */
export const registerGroupStop: Register = (program, context) => {
  const { services, io } = context;
  program
    .command('stop')
    .description('End the live sessions of a group, and skip those that wait')
    .argument(...GROUP_ARGUMENT)
    .option(...NO_WAIT_OPTION)
    .option(...RESULT_OPTION)
    .option(...DEBUG_OPTION)
    .action(async (word: string, given: unknown) => {
      const { json, wait } = StopOptions.parse(given);
      const said = { request: 'stop', wanted: 'stopped', json } as const;
      context.exitCode = await reachGroup(word, context, {
        owned: async (client, stored) =>
          sayOutcome(await client.request('stop', {}, { wait }), stored, said, io),
        free: async (stored, store) => {
          const look = await lookAt(stored, services);
          if (!STOPPABLE.has(look.result.status)) throw refusedAsIs(look, 'stopped');
          const group = await takeGroup(stored, store, context, { pauseInterrupted: true });
          try {
            return sayOutcome(await group.stop(), stored, said, io);
          } finally {
            await group.dispose();
          }
        },
      });
    });
};

const STOPPABLE: ReadonlySet<string> = new Set(['paused', 'interrupted']);
