// Tests of a group with vitest: npx vitest run testing-vitest.test.mjs. They start no agent and cost nothing.
import { createSessionGroup } from 'session-groups';
import { createPuppetAgent, groupLifecycleCases } from 'session-groups/testing';
import { expect, test } from 'vitest';

const definition = {
  version: 1,
  name: 'Release',
  sessions: [
    { id: 'build', projectPath: '.', prompt: 'Build it.' },
    { id: 'notes', projectPath: '.', prompt: 'Describe {{ sessions.build.result }}.', dependsOn: ['build'] },
  ],
};

// The promises, along paths through the life of the group.
for (const { name, run } of await groupLifecycleCases(definition, { paths: 20, seed: 1 })) test(name, run);

// One story, told by hand.
test('the notes describe what was built', async () => {
  const claude = createPuppetAgent();
  const group = await createSessionGroup(definition, { agents: { claude } });
  const run = group.run();
  (await claude.started('build')).completes('version 2');
  const notes = await claude.started('notes');
  expect(notes.spec.prompt).toContain('Describe version 2.');
  notes.completes('Released.');
  expect((await run).status).toBe('completed');
  await group.dispose();
});
