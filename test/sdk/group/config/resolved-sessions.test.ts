import { expect, test } from 'vitest';
import { ResolvedSessions } from '../../../../src/sdk/group/config/resolved-sessions.ts';
import { parseDefinition } from '../../../../src/sdk/group/definition/definition.ts';

test('a session is resolved when it is got, once; what is only gone through is not kept', async () => {
  const written = { version: 1, name: 'x', config: { agent: 'claude', model: 'opus' } };
  const sessions = ['a', 'b', 'c'].map(id => ({ id, projectPath: '.', prompt: 'go' }));
  const { definition } = await parseDefinition({ ...written, sessions }, { env: {} });
  const asked: string[] = [];
  const resolved = new ResolvedSessions(definition.sessions, definition.config, ({ id }) => {
    asked.push(id);
    return definition.config.agent;
  });
  expect([resolved.size, resolved.has('b'), resolved.has('d'), [...resolved.keys()]]).toEqual([
    3,
    true,
    false,
    ['a', 'b', 'c'],
  ]);
  expect(asked).toEqual([]);
  expect(resolved.get('d')).toBeUndefined();
  const b = resolved.get('b');
  expect(b).toMatchObject({ id: 'b', model: 'opus' });
  expect(resolved.get('b')).toBe(b);
  expect(asked).toEqual(['b']);
  expect([...resolved].map(([id]) => id)).toEqual(['a', 'b', 'c']);
  expect([...resolved.values()][1]).toBe(b);
  expect(asked).toEqual(['b', 'a', 'c', 'a', 'c']);
});
