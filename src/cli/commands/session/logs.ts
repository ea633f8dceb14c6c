import { sessionLogs } from '../../../sdk/group/delivery/session-log.ts';
import type { GroupEvent } from '../../../sdk/group/journal/events.ts';
import { isEvent } from '../../../sdk/group/journal/records.ts';
import type { Register } from '../../context.ts';
import { checkSession, findGroup } from '../../groups/find.ts';
import { GROUP_ARGUMENT, JsonOption, SESSION_ARGUMENT } from '../../options.ts';
import { transcript } from '../../show/transcript.ts';
import { jsonLine } from '../../text.ts';

/** `session logs GROUP SESSION`: prints a session's transcript from the journal. */
export const registerSessionLogs: Register = (program, context) => {
  const { services, io } = context;
  program
    .command('logs')
    .description("Print a session's transcript: messages, tool calls, retries and how it ended")
    .argument(...GROUP_ARGUMENT)
    .argument(...SESSION_ARGUMENT)
    .option('--json', 'print its events as JSON lines')
    .addHelpText('after', EXAMPLES)
    .action(async (word: string, id: string, given: unknown) => {
      const { json } = JsonOption.parse(given);
      const stored = await findGroup(word, await services.openStore(io.env), context);
      checkSession(id, stored);
      const events: GroupEvent[] = stored.records.filter(isEvent);
      const own = events.filter(event => 'sessionId' in event && event.sessionId === id);
      if (json) for (const event of own) io.stdout.write(jsonLine(event));
      else for (const line of transcript(own)) io.stdout.write(`${line}\n`);
      const log = sessionLogs(stored.dir)(id, 'stderr.log');
      if (log !== undefined) io.stderr.write(`Stderr of the agent: ${log}\n`);
      if (own.length === 0) io.stderr.write('Nothing has happened yet.\n');
    });
};

const EXAMPLES = `
Examples:
  session-groups session logs auth-refactor gateway
  session-groups session logs auth-refactor gateway --json
`;
