import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { answerToLost } from '../../../control/lost-request.ts';
import { LONGEST_SENT } from '../../../sdk/group/journal/session-lists.ts';
import type { CliContext } from '../../context.ts';
import { UsageError } from '../../exit-codes.ts';
import { checkSession } from '../../groups/find.ts';
import { printAccepted } from '../../groups/print-outcome.ts';
import { reachGroup } from '../../groups/reach.ts';
import { readForVerb } from '../../groups/refusals.ts';
import { type CliIo, textOfInput } from '../../io.ts';
import { takeGroup } from '../../run/take.ts';

const SendOptions = z.object({ json: z.boolean().default(false), takeOver: z.boolean().default(false) });

/** `session send GROUP SESSION TEXT`: a message to the session's agent, with its next attempt if none is live. */
export async function sessionSend(
  context: CliContext,
  word: string,
  id: string,
  given: string,
  options: unknown,
): Promise<void> {
  const { services, io } = context;
  const { json, takeOver } = SendOptions.parse(options);
  const params = { id, text: await textOf(given, io), messageId: randomUUID() };
  const print = (groupId: string) => printAccepted(groupId, 'session send', json, io);
  context.exitCode = await reachGroup(
    word,
    context,
    { takeOver },
    {
      owned: async (client, stored) => {
        checkSession(id, stored);
        await client.request('session_send', params);
        return print(stored.group.id);
      },
      free: async (stored, store) => {
        checkSession(id, stored);
        await readForVerb('session_send', stored, services);
        const group = await takeGroup(stored, store, context, { takeOver });
        const { text, messageId } = params;
        await group.send(id, text, { by: 'cli', messageId }).finally(() => group.dispose());
        return print(stored.group.id);
      },
      applied: async stored =>
        (await answerToLost('session_send', stored, services, false)) && print(stored.group.id),
    },
  );
}

/** `-`: standard input, without its last line break. @throws UsageError. */
async function textOf(given: string, io: CliIo): Promise<string> {
  const text = given === '-' ? await textOfInput(io, LONGEST_SENT) : given;
  if (text.trim() === '')
    throw new UsageError('there is no message', 'Give it as an argument, or - to read it.');
  if (text.length <= LONGEST_SENT) return text;
  const hint = 'Put the rest into a file of the project, and name that.';
  throw new UsageError(`the message is longer than ${LONGEST_SENT} characters`, hint);
}
