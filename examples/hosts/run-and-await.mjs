// Runs a group and waits for its end: node run-and-await.mjs [PROJECT]. Ctrl-C pauses it; the next start resumes it.
import { createFileStore, GroupManager } from 'session-groups';

const project = process.argv[2] ?? process.cwd();
const manager = new GroupManager({ store: createFileStore() });

/** Leave `agent` out to work with Claude Code. */
const scripted = (...steps) => ({ kind: 'scripted', steps });
const definition = {
  version: 1,
  name: 'Nightly checks',
  config: { budget: { maxBudgetUsd: 2 }, concurrency: { maxPerProject: 2 } },
  sessions: [
    {
      id: 'tests',
      projectPath: project,
      prompt: 'Run the tests. Say what fails.',
      agent: scripted({ tool: 'Bash', duration: 200 }, { cost: 0.05 }, { result: 'all tests pass' }),
    },
    {
      id: 'links',
      projectPath: project,
      prompt: 'Check the links in the documentation.',
      agent: scripted({ cost: 0.02 }, { result: 'one link is broken' }),
    },
    {
      id: 'report',
      projectPath: project,
      prompt: 'Report. Tests: {{ sessions.tests.result }} Links: {{ sessions.links.result }}',
      dependsOn: ['tests', 'links'],
      agent: scripted({ cost: 0.01 }, { result: 'Fine, except for one link.' }),
    },
  ],
};

/** Paused by a signal, or its process died; what is paused for another reason waits for a person. */
const cutOff = ({ name, status, reason }) =>
  name === definition.name && (status === 'interrupted' || reason === 'shutdown');
const unfinished = (await manager.list()).find(cutOff);
const group = unfinished ? await manager.open(unfinished.id) : await manager.create(definition);
const pause = () => void group.pause({ reason: 'shutdown' }).catch(error => console.error(error.message));
process.once('SIGINT', pause).once('SIGTERM', pause);

// Resolves when the group is paused or settled; everything that can go wrong with a session is in the result.
const result = await (unfinished ? group.resume() : group.run());
for (const [id, { status, result: text, error }] of Object.entries(result.sessions)) {
  console.log(
    `${id}: ${status}${text ? `, ${text}` : ''}${error ? ` (${error.code}: ${error.message})` : ''}`,
  );
}
console.log(`${result.status}, ${result.totalCostUsd.toFixed(2)} USD`);
await manager.dispose();
process.exitCode = result.status === 'completed' ? 0 : 1;
