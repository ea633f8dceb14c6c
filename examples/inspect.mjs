// Prints the group's statechart, then each state it enters: node inspect.mjs [PROJECT].
import { createSessionGroup, toMermaid } from 'session-groups';
import { groupMachine } from 'session-groups/machines';

console.log(toMermaid(groupMachine, { brief: true })); // paste it into any Mermaid viewer

/** The name of the innermost state: 'running' for {active: 'running'}. */
const innermost = value => (typeof value === 'object' ? innermost(Object.values(value)[0]) : value);

const states = new Map();
const group = await createSessionGroup(
  {
    version: 1,
    name: 'Watched',
    sessions: [
      {
        id: 'a',
        projectPath: '.',
        prompt: 'Work.',
        agent: { kind: 'scripted', steps: [{ failure: 'overloaded', attempts: 1 }, { result: 'done' }] },
        retry: { initialInterval: 100 },
      },
    ],
  },
  {
    baseDir: process.argv[2] ?? process.cwd(),
    // XState's inspection events, from the group's actor and every actor it spawns.
    inspect: ({ type, actorRef, rootId, snapshot }) => {
      if (type !== '@xstate.snapshot' || snapshot.value === undefined) return;
      const name = actorRef.sessionId === rootId ? 'group' : actorRef.id;
      const state = innermost(snapshot.value);
      if (states.get(name) === state) return;
      states.set(name, state);
      console.log(`${name}: ${state}`);
    },
  },
);
await group.run();
await group.dispose();
