// Tests of a group with node:test: node --test testing-node.test.mjs. They start no agent and cost nothing.
import assert from 'node:assert/strict';
import test from 'node:test';
import { createSessionGroup } from 'session-groups';
import { createPuppetAgent, groupLifecycleCases } from 'session-groups/testing';

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
  assert.match(notes.spec.prompt, /Describe version 2\./);
  notes.completes('Released.');
  assert.equal((await run).status, 'completed');
  await group.dispose();
});
