import type { Register } from '../../context.ts';
import { currentGroup, sessionLine } from '../../groups/current-group.ts';
import { GROUP_ARGUMENT, JsonOption } from '../../options.ts';
import { sessionLines } from '../../show/session-lines.ts';
import { lookOf } from '../../terminal.ts';
import { jsonLine } from '../../text.ts';

/** `session list GROUP`: lists its sessions, in the order of the definition. */
export const registerSessionList: Register = (program, context) => {
  program
    .command('list')
    .description("List a group's sessions and what they are waiting for")
    .argument(...GROUP_ARGUMENT)
    .option('--json', 'print each session as a JSON line')
    .action(async (word: string, given: unknown) => {
      const { io } = context;
      const { json } = JsonOption.parse(given);
      const { stored, progress, status } = await currentGroup(word, context);
      const { sessions } = progress;
      if (json)
        for (const session of sessions) io.stdout.write(jsonLine(sessionLine(stored.group.id, session)));
      else {
        const look = { ...lookOf(io.stdout, io.env), now: io.now(), group: status };
        io.stdout.write(`${sessionLines(sessions, look).join('\n')}\n`);
      }
    });
};
