import { sessionLogs as logsOf } from '../../../sdk/group/delivery/session-log.ts';
import type { GroupEvent } from '../../../sdk/group/journal/events.ts';
import { isEvent } from '../../../sdk/group/journal/records.ts';
import type { CliContext } from '../../context.ts';
import { checkSession, findGroup } from '../../groups/find.ts';
import { JsonOption } from '../../json-option.ts';
import { transcript } from '../../show/transcript.ts';
import { jsonLine } from '../../text.ts';

/** `session logs GROUP SESSION`: prints a session's transcript from the journal. */
export async function sessionLogs(
  context: CliContext,
  word: string,
  id: string,
  given: unknown,
): Promise<void> {
  const { services, io } = context;
  const { json } = JsonOption.parse(given);
  const stored = await findGroup(word, await services.openStore(io.env), context);
  checkSession(id, stored);
  const events: GroupEvent[] = stored.records.filter(isEvent);
  const own = events.filter(event => 'sessionId' in event && event.sessionId === id);
  if (json) for (const event of own) io.stdout.write(jsonLine(event));
  else for (const line of transcript(own)) io.stdout.write(`${line}\n`);
  const log = logsOf(stored.dir)(id, 'stderr.log');
  if (log !== undefined) io.stderr.write(`Stderr of the agent: ${log}\n`);
  if (own.length === 0) io.stderr.write('Nothing has happened yet.\n');
}
