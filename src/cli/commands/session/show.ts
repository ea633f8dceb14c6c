import { resultOf } from '../../../sdk/group/journal/session-result.ts';
import type { Register } from '../../context.ts';
import { currentSession, sessionLine } from '../../groups/current-group.ts';
import { GROUP_ARGUMENT, JsonOption, SESSION_ARGUMENT } from '../../options.ts';
import { renderSession } from '../../show/session-text.ts';
import { lookOf } from '../../terminal.ts';
import { jsonLine } from '../../text.ts';

/** `session show GROUP SESSION`: shows a session's status, usage and result. */
export const registerSessionShow: Register = (program, context) => {
  program
    .command('show')
    .description("Show a session's status, usage and result")
    .argument(...GROUP_ARGUMENT)
    .argument(...SESSION_ARGUMENT)
    .option('--json', 'print it as a JSON line')
    .action(async (word: string, id: string, given: unknown) => {
      const { io } = context;
      const { json } = JsonOption.parse(given);
      const current = await currentSession(word, id, context);
      const { stored, session } = current;
      io.stdout.write(
        json
          ? jsonLine({ ...sessionLine(stored.group.id, session), ...resultOf(stored.records, session) })
          : renderSession(current, { ...lookOf(io.stdout, io.env), now: io.now() }),
      );
    });
};
