import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { systemClock } from '../../../../src/sdk/clock.ts';
import { createSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import type { Agent, AgentCheck } from '../../../../src/sdk/session/agent.ts';
import { createCommandAgent } from '../../../../src/sdk/session/command.ts';

const command = (id: string, ...words: [string, ...string[]]) => ({
  id,
  projectPath: tmpdir(),
  prompt: 'go',
  agent: { kind: 'command' as const, command: words },
});
const group = (agent: Agent, ...sessions: ReturnType<typeof command>[]) =>
  createSessionGroup({ version: 1, name: 'checked', sessions }, { agents: { command: agent } });

test('a group starts nothing if the program of any of its sessions is missing', async () => {
  const agent = createCommandAgent(systemClock);
  const made = await group(agent, command('a', 'true'), command('b', 'no-such-program-on-any-path'));
  await expect(made.run()).rejects.toMatchObject({
    code: 'agent_not_found',
    message: expect.stringContaining('no-such-program-on-any-path'),
  });
  expect(made.getProgress().status).toBe('created');
  await made.dispose();
});

test('each program is asked about once', async () => {
  const asked: string[] = [];
  const refusal: AgentCheck = { ok: false, code: 'agent_not_found', message: 'no', hint: 'none' };
  const agent: Agent = {
    ...createCommandAgent(systemClock),
    check: async options => {
      const program = options?.agent?.kind === 'command' ? options.agent.command[0] : '';
      asked.push(program);
      return program === 'last' ? refusal : { ok: true, warnings: [] };
    },
  };
  const made = await group(
    agent,
    command('a', 'one'),
    command('b', 'one'),
    command('c', 'two'),
    command('d', 'last'),
  );
  await expect(made.run()).rejects.toMatchObject({ code: 'agent_not_found' });
  expect(asked).toEqual(['one', 'two', 'last']);
  await made.dispose();
});
