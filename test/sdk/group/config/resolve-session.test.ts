import { expect, test } from 'vitest';
import { resolveSession } from '../../../../src/sdk/group/config/resolve-session.ts';
import { SessionDefinition, SessionGroupConfig } from '../../../../src/sdk/group/types.ts';

test('a resolved session has every field of its definition, and no other that is absent there', () => {
  const config = SessionGroupConfig.parse({});
  const optional = {
    ...{ projectPath: '/p', prompt: 'go', description: 'd', promptFile: 'f', template: 't', estimate: '5m' },
    ...{ maxBudgetUsd: 3, config: { commands: ['c'] }, mcpServers: { m: { command: 'x' } } },
    ...{ outputSchema: { type: 'object' }, project: { git: 'https://example.com/r.git' } },
    forEach: { of: 'b', value: 'c' },
  };
  const own = {
    ...{ agent: 'scripted', model: 'opus', retry: { maximumAttempts: 2 }, timeouts: { idle: '1m' } },
    ...{ workspace: { mode: 'shared' }, verify: { commands: ['v'] }, integrate: { mode: 'none' } },
    ...{ permissions: { onRequest: 'deny' }, settingSources: ['user'] },
  };
  const full = SessionDefinition.parse({ id: 'a', ...optional, ...own });
  expect(Object.keys(full).sort()).toEqual(Object.keys(SessionDefinition.shape).sort());
  const resolved = resolveSession(full, config);
  for (const key of Object.keys(optional)) expect(resolved).toHaveProperty(key, Reflect.get(full, key));
  expect(Object.keys(resolved).sort()).toEqual(Object.keys(full).sort());
  const least = resolveSession(SessionDefinition.parse({ id: 'a' }), config);
  for (const key of Object.keys(optional)) expect(least).not.toHaveProperty(key);
});
