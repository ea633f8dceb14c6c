import { expect, test } from 'vitest';
import type { GroupEvent } from '../../src/sdk/group/journal/events.ts';
import { hear } from '../../src/words/transcript.ts';

const event = (type: GroupEvent['type'], more: object) => ({ type, sessionId: 'a', ...more }) as GroupEvent;

test('what an agent said last is one line, until its result says more, or another conversation begins', () => {
  const said = new Map<string, string>();
  const after = (type: GroupEvent['type'], more: object = {}) => {
    hear(event(type, more), said);
    return said.get('a');
  };
  expect(after('session_message', { role: 'assistant', text: 'One\n\n  and two' })).toBe('One and two');
  expect(after('session_message', { role: 'user', text: 'Go on' })).toBe('One and two');
  expect(after('session_message', { role: 'assistant', text: 'x'.repeat(400) })).toHaveLength(300);
  expect(after('session_resumed')).toHaveLength(300);
  expect(after('session_completed', { result: ' ' })).toHaveLength(300);
  expect(after('session_completed', { result: 'Done' })).toBe('Done');
  expect(after('session_started')).toBeUndefined();
});
