import { shownOpenCommand } from '../../../sdk/group/delivery/open-command.ts';
import { resultOf } from '../../../sdk/group/journal/session-result.ts';
import type { CliContext } from '../../context.ts';
import { currentSession, sessionLine } from '../../groups/current-group.ts';
import { JsonOption } from '../../json-option.ts';
import { renderSession } from '../../show/session-text.ts';
import { lookOf } from '../../terminal.ts';
import { jsonLine } from '../../text.ts';

/** `session show GROUP SESSION`: shows a session's status, usage and result. */
export async function sessionShow(
  context: CliContext,
  word: string,
  id: string,
  given: unknown,
): Promise<void> {
  const { io } = context;
  const { json } = JsonOption.parse(given);
  const current = await currentSession(word, id, context);
  const { stored, session } = current;
  const open = shownOpenCommand(stored, id, io.env);
  io.stdout.write(
    json
      ? jsonLine({
          ...sessionLine(stored.group.id, session),
          ...resultOf(stored.records, session),
          ...(open && { open }),
        })
      : renderSession(current, { ...lookOf(io.stdout, io.env), now: io.now(), open: open?.command }),
  );
}
