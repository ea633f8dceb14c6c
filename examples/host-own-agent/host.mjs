// Runs group.yaml with an agent of its own: node host.mjs
import { fileURLToPath } from 'node:url';
import { createSessionGroup } from 'session-groups';
import agents from './agents.mjs';

const group = await createSessionGroup(fileURLToPath(new URL('group.yaml', import.meta.url)), { agents });
const { status, sessions } = await group.run();
for (const [id, { result }] of Object.entries(sessions)) console.log(`${id}: ${result}`);
await group.dispose();
process.exitCode = status === 'completed' ? 0 : 1;
