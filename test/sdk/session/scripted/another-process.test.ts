import { expect, test } from 'vitest';
import { countBefore, newConversation } from '../../../../src/sdk/session/scripted/scripted-conversation.ts';

const FAILING = { failure: 'server_error', attempts: 2 } as const;

test.each([
  [1, []],
  [2, [[1, 1]]],
  [
    4,
    [
      [1, 2],
      [2, 1],
    ],
  ],
  [
    9,
    [
      [1, 2],
      [2, 1],
    ],
  ],
])(
  'before attempt %i of a conversation of another process, its steps have ended these',
  (attempt, expected) => {
    const conversation = newConversation('x');
    const limited = { limit: 60_000, attempts: 1 };
    countBefore(conversation, [{ text: 'hello' }, FAILING, limited, { failure: 'max_turns' }], attempt);
    expect([...conversation.hits]).toEqual(expected);
  },
);
