import { z } from 'zod';
import type { Register } from '../../context.ts';
import { sessionLine, sessionPictureOf } from '../../groups/session.ts';
import { DEBUG_OPTION, GROUP_ARGUMENT, SESSION_ARGUMENT } from '../../options.ts';
import { resultOf } from '../../show/session-result.ts';
import { renderSession } from '../../show/session-text.ts';
import { lookOf } from '../../terminal.ts';
import { jsonLine } from '../../text.ts';

const ShowOptions = z.object({ json: z.boolean().default(false) });

/** `session show GROUP SESSION`: everything that is known of one session. */
export const registerSessionShow: Register = (program, context) => {
  program
    .command('show')
    .description('Show one session of a group')
    .argument(...GROUP_ARGUMENT)
    .argument(...SESSION_ARGUMENT)
    .option('--json', 'print it as a line of JSON')
    .option(...DEBUG_OPTION)
    .action(async (word: string, id: string, given: unknown) => {
      const { io } = context;
      const { json } = ShowOptions.parse(given);
      const picture = await sessionPictureOf(word, id, context);
      io.stdout.write(
        json
          ? jsonLine({ ...sessionLine(picture.stored.group.id, picture.session), ...resultOf(picture) })
          : renderSession(picture, { ...lookOf(io.stdout, io.env), now: io.now() }),
      );
    });
};
