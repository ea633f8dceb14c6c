import { z } from 'zod';
import { notAsked } from '../../../control/refusals.ts';
import type { ControlClient } from '../../../control/wire/client.ts';
import { given } from '../../../sdk/given.ts';
import type { Register } from '../../context.ts';
import { checkSession } from '../../groups/find.ts';
import { printAccepted } from '../../groups/print-outcome.ts';
import { reachGroup } from '../../groups/reach.ts';
import { JsonOption, RESULT_OPTION } from '../../options.ts';
import { type CommandOf, verbCommand } from '../verb-command.ts';

/** `session approve|deny GROUP SESSION [REQUEST]`: answers the session's open permission request. */
const AnswerOptions = JsonOption.extend({ answer: z.string().min(1).optional() });

const registerAnswer =
  (name: CommandOf<'answer'>, decision: 'allow' | 'deny'): Register =>
  (program, context) => {
    verbCommand(program, 'answer', name)
      .argument('[request]', 'only if this request is still open')
      .option('--answer <text>', ANSWER_HELP[decision])
      .option(...RESULT_OPTION)
      .action(async (word: string, sessionId: string, request: string | undefined, rest: unknown) => {
        const { json, answer } = AnswerOptions.parse(rest);
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
      });
  };

const ANSWER_HELP = {
  allow: 'the answer, if the agent asks a question rather than for a permission',
  deny: 'why, for the agent',
};

export const registerSessionApprove = registerAnswer('session approve', 'allow');
export const registerSessionDeny = registerAnswer('session deny', 'deny');

async function pending(client: ControlClient, id: string): Promise<string> {
  const { why } = await client.request('why', { id });
  if (why?.kind !== 'approval') throw notAsked(id);
  return why.requestId;
}
