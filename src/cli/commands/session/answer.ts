import { z } from 'zod';
import type { ControlClient } from '../../../control/wire/client.ts';
import { RefusedError } from '../../../sdk/errors.ts';
import type { Register } from '../../context.ts';
import { checkSession } from '../../groups/find.ts';
import { reachGroup } from '../../groups/reach.ts';
import { sayAccepted } from '../../groups/say.ts';
import { DEBUG_OPTION, GROUP_ARGUMENT, RESULT_OPTION, SESSION_ARGUMENT } from '../../options.ts';

const AnswerOptions = z.object({ json: z.boolean().default(false) });

const VERBS = [
  { verb: 'approve', decision: 'allow', description: 'Allow what a session asks permission for' },
  { verb: 'deny', decision: 'deny', description: 'Deny what a session asks permission for' },
] as const;

/** `session approve|deny GROUP SESSION [REQUEST]`: answers the permission request that the session waits for. */
export const registerSessionAnswers: Register = (program, context) => {
  for (const { verb, decision, description } of VERBS) {
    program
      .command(verb)
      .description(description)
      .argument(...GROUP_ARGUMENT)
      .argument(...SESSION_ARGUMENT)
      .argument('[request]', 'only if it still is this request')
      .option(...RESULT_OPTION)
      .option(...DEBUG_OPTION)
      .action(async (word: string, sessionId: string, given: string | undefined, rest: unknown) => {
        const { json } = AnswerOptions.parse(rest);
        context.exitCode = await reachGroup(word, context, {
          owned: async (client, stored) => {
            checkSession(sessionId, stored);
            const requestId = given ?? (await pending(client, sessionId));
            await client.request('answer', { sessionId, requestId, decision });
            return sayAccepted(stored.group.id, `session ${verb}`, json, context.io);
          },
          free: stored => {
            checkSession(sessionId, stored);
            return Promise.reject(notAsked(sessionId));
          },
        });
      });
  }
};

async function pending(client: ControlClient, id: string): Promise<string> {
  const { why } = await client.request('why', { id });
  if (why?.kind !== 'approval') throw notAsked(id);
  return why.requestId;
}

const notAsked = (id: string): RefusedError =>
  new RefusedError('no_such_request', `${id} does not ask for any permission now`);
