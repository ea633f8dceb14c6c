// The host's own machine runs a group as part of its work: node host-machine.mjs [PROJECT].
import { createGroupMachine } from 'session-groups';
import { createActor, setup, waitFor } from 'xstate';

const steps = [{ tool: 'Edit', duration: 200 }, { cost: 0.02 }, { result: 'done' }];
const { machine, input, group } = await createGroupMachine(
  {
    version: 1,
    name: 'Part of a release',
    sessions: [
      { id: 'bump', projectPath: '.', prompt: 'Bump the version.', agent: { kind: 'scripted', steps } },
    ],
  },
  { baseDir: process.argv[2] ?? process.cwd() },
);

const release = setup({
  actors: { group: machine },
  guards: {
    completed: ({ event }) => event.status === 'completed',
    paused: ({ event }) => event.status === 'paused',
  },
}).createMachine({
  id: 'release',
  initial: 'working',
  states: {
    working: {
      // With `self` as its parent, the group reports when it pauses or settles.
      invoke: { src: 'group', id: 'group', input: ({ self }) => input(self) },
      on: {
        'group.report': [
          { guard: 'completed', target: 'publishing' },
          { guard: 'paused', target: 'waiting' },
          { target: 'broken' },
        ],
      },
    },
    publishing: { tags: 'over' },
    waiting: { tags: 'over' },
    broken: { tags: 'over' },
  },
});

const actor = createActor(release);
actor.subscribe(({ value }) => console.log(`release: ${value}`));
actor.start();

const finished = waitFor(actor, ({ tags }) => tags.has('over'));
const result = await group.run(); // the handle works as usual inside another machine
const { value } = await finished;
console.log(`The group is ${result.status}; the release is ${value}.`);
await group.dispose();
actor.stop();
process.exitCode = value === 'publishing' ? 0 : 1;
