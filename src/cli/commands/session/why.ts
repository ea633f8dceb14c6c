import { z } from 'zod';
import { approveCommand } from '../../advice.ts';
import type { Register } from '../../context.ts';
import { sessionPictureOf } from '../../groups/session.ts';
import { DEBUG_OPTION, GROUP_ARGUMENT, SESSION_ARGUMENT } from '../../options.ts';
import { markOf, wordsFor } from '../../show/session-lines.ts';
import { lookOf } from '../../terminal.ts';
import { jsonLine } from '../../text.ts';

const WhyOptions = z.object({ json: z.boolean().default(false) });

/** `session why GROUP SESSION`: what a session waits for. */
export const registerSessionWhy: Register = (program, context) => {
  program
    .command('why')
    .description('Say why a session does not go on')
    .argument(...GROUP_ARGUMENT)
    .argument(...SESSION_ARGUMENT)
    .option('--json', 'print the reason as a line of JSON')
    .option(...DEBUG_OPTION)
    .action(async (word: string, id: string, given: unknown) => {
      const { io } = context;
      const { json } = WhyOptions.parse(given);
      const { stored, session, status: group } = await sessionPictureOf(word, id, context);
      const { status, why } = session;
      const groupId = stored.group.id;
      if (json) {
        io.stdout.write(jsonLine({ type: 'why', groupId, sessionId: id, status, groupStatus: group, why }));
        return;
      }
      const words = wordsFor(session, { ...lookOf(io.stdout, io.env), now: io.now(), group });
      const mark = markOf(session, group).word;
      io.stdout.write(`${words.startsWith(mark) ? words : [mark, words].filter(Boolean).join(': ')}\n`);
      if (why?.kind === 'approval') io.stderr.write(`Allow it with: ${approveCommand(groupId, id)}\n`);
    });
};
