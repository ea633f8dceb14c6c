import { deferred } from '../../src/sdk/process/deferred.ts';
import { text, toolUse } from './messages-api/answers.ts';
import { conversationText, turnsSoFar } from './messages-api/request.ts';
import type { MessagesApi } from './messages-api/server.ts';

const REPLIES_FOR_A_DOLLAR = 10;

/**
 * Each reply to a session (identified by `task-ID` in its prompt) costs 0.1 USD at the price of `STEADY_MODEL`; every session
 * makes nine of them, and none continues before all have asked. Once a dollar is spent, each session gets one more
 * answer, for what was under way; further requests are held until `goOn`, so that the machine's speed doesn't decide
 * how many a client makes before it has ended.
 */
export function answerInDimes(api: MessagesApi, ids: readonly string[]): { goOn(): void } {
  const usage = { input: 10_000, output: 2_000 };
  const seen = new Set<string>();
  const answeredLate = new Set<string>();
  const allThere = deferred<void>();
  const goesOn = deferred<void>();
  let replies = 0;
  api.answerWith(async ({ body, side }) => {
    if (side) return undefined;
    const session = ids.find(id => conversationText(body).includes(`task-${id}`)) ?? '';
    seen.add(session);
    if (seen.size === ids.length) allThere.resolve();
    await allThere.promise;
    if (replies >= REPLIES_FOR_A_DOLLAR) {
      if (answeredLate.has(session)) await goesOn.promise;
      answeredLate.add(session);
    }
    replies++;
    return turnsSoFar(body) < 8
      ? toolUse('Bash', { command: 'echo step' }, { usage })
      : text('finished', { usage });
  });
  return { goOn: () => goesOn.resolve() };
}
