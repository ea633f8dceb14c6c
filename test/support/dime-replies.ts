import { deferred } from '../../src/sdk/process/deferred.ts';
import { text, toolUse } from './messages-api/answers.ts';
import { conversationText, turnsSoFar } from './messages-api/request.ts';
import type { MessagesApi } from './messages-api/server.ts';

/**
 * Each reply to a session (told by `task-ID` in its prompt) costs 0.1 USD at the price of sonnet; every session makes
 * nine of them, and none goes ahead before all have asked.
 */
export function answerInDimes(api: MessagesApi, ids: readonly string[]): void {
  const usage = { input: 40_000, output: 2_000 };
  const seen = new Set<string>();
  const allThere = deferred<void>();
  api.answerWith(async ({ body, side }) => {
    if (side) return undefined;
    seen.add(ids.find(id => conversationText(body).includes(`task-${id}`)) ?? '');
    if (seen.size === ids.length) allThere.resolve();
    await allThere.promise;
    return turnsSoFar(body) < 8
      ? toolUse('Bash', { command: 'echo step' }, { usage })
      : text('finished', { usage });
  });
}
