import type { CliContext } from '../../context.ts';
import { currentGroup, sessionLine } from '../../groups/current-group.ts';
import { JsonOption } from '../../json-option.ts';
import { sessionLines } from '../../show/session-lines.ts';
import { lookOf } from '../../terminal.ts';
import { jsonLine } from '../../text.ts';

/** `session list GROUP`: lists its sessions, in the order of the definition. */
export async function sessionList(context: CliContext, word: string, given: unknown): Promise<void> {
  const { io } = context;
  const { json } = JsonOption.parse(given);
  const { stored, progress, status } = await currentGroup(word, context);
  const { sessions } = progress;
  if (json) for (const session of sessions) io.stdout.write(jsonLine(sessionLine(stored.group.id, session)));
  else {
    const look = { ...lookOf(io.stdout, io.env), now: io.now(), group: status };
    io.stdout.write(`${sessionLines(sessions, look).join('\n')}\n`);
  }
}
