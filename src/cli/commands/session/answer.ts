import { z } from 'zod';
import { notAsked } from '../../../control/refusals.ts';
import type { ControlClient } from '../../../control/wire/client.ts';
import { given } from '../../../sdk/given.ts';
import type { CliContext } from '../../context.ts';
import { checkSession } from '../../groups/find.ts';
import { printAccepted } from '../../groups/print-outcome.ts';
import { reachGroup } from '../../groups/reach.ts';
import { JsonOption } from '../../json-option.ts';
import type { CommandOf } from '../../program/verb-command.ts';

/** `session approve|deny GROUP SESSION [REQUEST]`: answers the session's open permission request. */
const AnswerOptions = JsonOption.extend({ answer: z.array(z.string().min(1)).optional() });

const answering =
  (name: CommandOf<'answer'>, decision: 'allow' | 'deny') =>
  async (
    context: CliContext,
    word: string,
    sessionId: string,
    request: string | undefined,
    rest: unknown,
  ): Promise<void> => {
    const { json, answer: answers } = AnswerOptions.parse(rest);
    const answer = answers?.join('\n');
    context.exitCode = await reachGroup(
      word,
      context,
      {},
      {
        owned: async (client, stored) => {
          checkSession(sessionId, stored);
          const requestId = request ?? (await pending(client, sessionId));
          await client.request('answer', given({ sessionId, requestId, decision, answer }));
          return printAccepted(stored.group.id, name, json, context.io);
        },
        free: async stored => {
          checkSession(sessionId, stored);
          throw notAsked(sessionId);
        },
        applied: async ({ group }) => printAccepted(group.id, name, json, context.io),
      },
    );
  };

export const sessionApprove = answering('session approve', 'allow');
export const sessionDeny = answering('session deny', 'deny');

async function pending(client: ControlClient, id: string): Promise<string> {
  const { why } = await client.request('why', { id });
  if (why?.kind !== 'approval') throw notAsked(id);
  return why.requestId;
}
