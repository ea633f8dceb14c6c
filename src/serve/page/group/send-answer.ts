import type { ApprovalView } from '../../api-types.ts';
import { pathOf } from '../model/verbs.ts';
import type { GroupContext } from './part.ts';

/** Answers what an agent asks, and announces it in `words`; an error is shown. An empty `answer` is none. */
export async function sendAnswer(
  { request, say }: GroupContext,
  { sessionId, requestId }: ApprovalView,
  decision: 'allow' | 'deny',
  words: string,
  answer = '',
): Promise<void> {
  const given = answer === '' ? {} : { answer };
  if (await request(pathOf('answer', sessionId), { requestId, decision, ...given })) {
    say(`${sessionId}: ${words}`);
  }
}
