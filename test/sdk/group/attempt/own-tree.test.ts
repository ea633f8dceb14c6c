// @module-tag processes
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../../src/sdk/clock.ts';
import { createSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import { openYard, type Yard } from '../../../support/delivering.ts';
import { WatchedAgent } from '../../../support/watched-agent.ts';

let yard: Yard;
beforeEach(() => {
  yard = openYard();
});
afterEach(() => yard.close());

test('an agent in a tree of its own may not leave it, nor use the stash, whatever the definition allows', async () => {
  const agent = new WatchedAgent(systemClock);
  const { env, store, workspaces } = yard;
  const session = { projectPath: yard.repo.path, prompt: 'go', agent: 'scripted' } as const;
  const group = await createSessionGroup(
    {
      ...{ version: 1, name: 'Deliver' },
      config: { permissions: { allow: ['EnterWorktree', 'Agent'], deny: ['WebSearch'] } },
      sessions: [
        { ...session, id: 'own', workspace: { mode: 'worktree' } },
        { ...session, id: 'shared' },
      ],
    },
    { env, store, workspaces, projects: memoryProjectGate(), agents: { scripted: agent } },
  );
  await group.run();
  await group.dispose();
  const denied = (id: string) =>
    agent.attempts.find(attempt => attempt.session === id)?.spec.permissions.deny ?? [];
  const ownTree = denied('own').filter(rule => !denied('shared').includes(rule));
  expect(denied('own')).toContain('WebSearch');
  expect(ownTree).toEqual([
    'EnterWorktree',
    'Agent(isolation:worktree)',
    'Bash(git stash:*)',
    'Bash(git -C * stash)',
    'Bash(git -C * stash *)',
  ]);
});
