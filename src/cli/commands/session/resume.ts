import { z } from 'zod';
import { lookAt } from '../../../control/look.ts';
import type { Register } from '../../context.ts';
import { checkSession } from '../../groups/find.ts';
import { reachGroup } from '../../groups/reach.ts';
import { refusedAsIs } from '../../groups/refusals.ts';
import { sayAccepted } from '../../groups/say.ts';
import { DEBUG_OPTION, GROUP_ARGUMENT, RESULT_OPTION, SESSION_ARGUMENT } from '../../options.ts';
import { takeGroup } from '../../run/take.ts';

const ResumeOptions = z.object({ json: z.boolean().default(false) });

/** `session resume GROUP SESSION`: lets a held session go on, as slots allow. */
export const registerSessionResume: Register = (program, context) => {
  const { services, io } = context;
  program
    .command('resume')
    .description('Let a session go on that was held; in a paused group, once that is resumed')
    .argument(...GROUP_ARGUMENT)
    .argument(...SESSION_ARGUMENT)
    .option(...RESULT_OPTION)
    .option(...DEBUG_OPTION)
    .action(async (word: string, id: string, given: unknown) => {
      const { json } = ResumeOptions.parse(given);
      context.exitCode = await reachGroup(word, context, {
        owned: async (client, stored) => {
          checkSession(id, stored);
          await client.request('session_resume', { id });
          return sayAccepted(stored.group.id, 'session resume', json, io);
        },
        free: async (stored, store) => {
          checkSession(id, stored);
          const look = await lookAt(stored, services);
          if (look.result.status !== 'paused') throw refusedAsIs(look, 'resumed in part');
          const group = await takeGroup(stored, store, context);
          try {
            await group.resumeSession(id);
          } finally {
            await group.dispose();
          }
          return sayAccepted(group.id, 'session resume', json, io);
        },
      });
    });
};
