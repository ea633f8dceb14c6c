import { formatDuration } from '../../../sdk/format.ts';
import type { CliContext } from '../../context.ts';
import { EXIT } from '../../exit-codes.ts';
import { findSession } from '../../groups/find.ts';
import { JsonOption } from '../../json-option.ts';
import { cleanLine, jsonLine } from '../../text.ts';

/** `session verify GROUP SESSION`: runs a session's checks again. Exit 1 if one fails. */
export async function sessionVerify(
  context: CliContext,
  word: string,
  id: string,
  given: unknown,
): Promise<void> {
  const { services, io } = context;
  const { json } = JsonOption.parse(given);
  const { stored } = await findSession(word, id, context);
  const { recheckSession } = await services.delivery();
  const began = performance.now();
  const outcome = await recheckSession(stored, id, {
    env: io.env,
    onLine: line => void io.stderr.write(`${cleanLine(line)}\n`),
  });
  const durationMs = Math.round(performance.now() - began);
  const isGreen = outcome.kind === 'green';
  context.exitCode = isGreen ? EXIT.completed : EXIT.failed;
  const of = { groupId: stored.group.id, sessionId: id };
  if (json) io.stdout.write(jsonLine({ type: 'checked', ...of, ...outcome, durationMs }));
  else {
    const how = outcome.kind === 'red' ? `red: ${cleanLine(outcome.command)}: ${outcome.how}` : outcome.kind;
    io.stdout.write(`${id}: ${how} (${formatDuration(durationMs)})\n`);
  }
}
