import { notAsked } from '../../../control/refusals.ts';
import type { ControlClient } from '../../../control/wire/client.ts';
import type { Register } from '../../context.ts';
import { checkSession } from '../../groups/find.ts';
import { printAccepted } from '../../groups/print-outcome.ts';
import { reachGroup } from '../../groups/reach.ts';
import { JsonOption, RESULT_OPTION } from '../../options.ts';
import { type CommandOf, verbCommand } from '../verb-command.ts';

/** `session approve|deny GROUP SESSION [REQUEST]`: answers the session's open permission request. */
const registerAnswer =
  (name: CommandOf<'answer'>, decision: 'allow' | 'deny'): Register =>
  (program, context) => {
    verbCommand(program, 'answer', name)
      .argument('[request]', 'only if this request is still open')
      .option(...RESULT_OPTION)
      .action(async (word: string, sessionId: string, given: string | undefined, rest: unknown) => {
        const { json } = JsonOption.parse(rest);
        context.exitCode = await reachGroup(word, context, {
          owned: async (client, stored) => {
            checkSession(sessionId, stored);
            const requestId = given ?? (await pending(client, sessionId));
            await client.request('answer', { sessionId, requestId, decision });
            return printAccepted(stored.group.id, name, json, context.io);
          },
          free: async stored => {
            checkSession(sessionId, stored);
            throw notAsked(sessionId);
          },
        });
      });
  };

export const registerSessionApprove = registerAnswer('session approve', 'allow');
export const registerSessionDeny = registerAnswer('session deny', 'deny');

async function pending(client: ControlClient, id: string): Promise<string> {
  const { why } = await client.request('why', { id });
  if (why?.kind !== 'approval') throw notAsked(id);
  return why.requestId;
}
