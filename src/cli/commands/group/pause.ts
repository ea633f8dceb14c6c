import { z } from 'zod';
import { lookAt } from '../../../control/look.ts';
import type { Register } from '../../context.ts';
import { reachGroup } from '../../groups/reach.ts';
import { refusedAsIs } from '../../groups/refusals.ts';
import { sayOutcome } from '../../groups/say.ts';
import { DEBUG_OPTION, GROUP_ARGUMENT, NO_WAIT_OPTION, RESULT_OPTION } from '../../options.ts';
import { takeGroup } from '../../run/take.ts';

const PauseOptions = z.object({ json: z.boolean().default(false), wait: z.boolean().default(true) });

/** `group pause ID`: interrupts what is live so that it can go on later; returns when nothing is alive. */
export const registerGroupPause: Register = (program, context) => {
  const { services, io } = context;
  program
    .command('pause')
    .description('Interrupt the live sessions of a group, so that they can go on later')
    .argument(...GROUP_ARGUMENT)
    .option(...NO_WAIT_OPTION)
    .option(...RESULT_OPTION)
    .option(...DEBUG_OPTION)
    .action(async (word: string, given: unknown) => {
      const { json, wait } = PauseOptions.parse(given);
      const said = { request: 'pause', wanted: 'paused', json } as const;
      context.exitCode = await reachGroup(word, context, {
        owned: async (client, stored) =>
          sayOutcome(await client.request('pause', {}, { wait }), stored, said, io),
        free: async (stored, store) => {
          const look = await lookAt(stored, services);
          const { status } = look.view.result;
          if (!look.view.interrupted || status === 'stopping') throw refusedAsIs(look, 'paused');
          // Its process died: to take the group over carries the pause out.
          const group = await takeGroup(stored, store, context, { pauseInterrupted: true });
          await group.dispose();
          return sayOutcome(group.getResult(), stored, said, io);
        },
      });
    });
};
