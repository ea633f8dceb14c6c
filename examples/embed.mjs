// A host program that runs a group: node embed.mjs [PROJECT]. It needs no key: both agents are scripted.
import { createSessionGroup } from 'session-groups';

const group = await createSessionGroup(
  {
    version: 1,
    name: 'Embedded',
    config: { budget: { maxBudgetUsd: 1 } },
    sessions: [
      {
        id: 'look',
        projectPath: '.',
        prompt: 'Look at the project.',
        // Leave `agent` out to work with Claude Code.
        agent: {
          kind: 'scripted',
          steps: [{ tool: 'Read', duration: 200 }, { cost: 0.02 }, { result: '3 files' }],
        },
      },
      {
        id: 'report',
        projectPath: '.',
        prompt: 'Write a report: {{ sessions.look.result }}',
        dependsOn: ['look'],
        agent: { kind: 'scripted', steps: [{ cost: 0.01 }, { result: 'The project has 3 files.' }] },
      },
    ],
  },
  { baseDir: process.argv[2] ?? process.cwd() },
);

// The current progress, at most ten times a second.
group.progress$.subscribe(({ status, completed, totalSessions, totalCostUsd }) => {
  console.log(`${status}: ${completed} of ${totalSessions}, ${totalCostUsd.toFixed(2)} USD`);
});

// Everything that happens, in order.
group.events$.subscribe(event => {
  if (event.type === 'session_completed') console.log(`${event.sessionId} says: ${event.result}`);
  if (event.type === 'session_failed') console.log(`${event.sessionId} failed: ${event.error.message}`);
});

const { status, totalCostUsd } = await group.run(); // resolves when the group is paused or settled
await group.dispose(); // ends whatever is still alive
console.log(`The group is ${status} and cost ${totalCostUsd.toFixed(2)} USD.`);
process.exitCode = status === 'completed' ? 0 : 1;
