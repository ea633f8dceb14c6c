import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SessionGroupInput } from '../../src/index.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import { createPuppetAgent, type PuppetAgent } from '../../src/testing.ts';
import { contentOf, filesBelow } from '../support/live-folder.ts';
import { openServeWorld, type ServeWorld } from './serve-world.ts';

const CANARIES = {
  CANARY_ENV: 'canary-env-8c1f2a',
  CANARY_MCP: 'canary-mcp-77b0de',
  CANARY_HEADER: 'canary-header-0e9d41',
  ANTHROPIC_API_KEY: 'canary-login-3c77aa',
  DEPLOY_TOKEN: 'canary-inherited-91c0d2',
};
const KNOWN = `ghp_${'canary'.repeat(5)}`;
const EVERY = [...Object.values(CANARIES), KNOWN];
const command = `curl -H "X: ${EVERY.join(' ')}"`;

let puppet: PuppetAgent;
let world: ServeWorld;
let inspected: string[];
beforeEach(async () => {
  puppet = createPuppetAgent({ capabilities: { mcp: true } });
  inspected = [];
  const inspect = (event: object) => {
    if ('event' in event) inspected.push(JSON.stringify(event.event));
  };
  world = await openServeWorld(
    { env: CANARIES },
    { agents: { claude: puppet }, env: CANARIES, projects: memoryProjectGate(), inspect },
  );
});
afterEach(() => world.close());

const definition = (): SessionGroupInput => ({
  version: 1,
  name: 'canaries',
  config: { permissions: { onRequest: 'ask' } },
  sessions: [
    {
      id: 'a',
      projectPath: `${world.folder}/a`,
      prompt: 'go',
      env: { MY_TOKEN: '${CANARY_ENV}' },
      mcpServers: {
        facts: { command: 'node', env: { KEY: '${CANARY_MCP}' } },
        finder: {
          type: 'http',
          url: 'http://localhost:1',
          headers: { Authorization: 'Bearer ${CANARY_HEADER}' },
        },
      },
    },
  ],
});

test('no secret in what an agent is told to do is shown or kept', async () => {
  const group = await world.manager.create(definition());
  const seen: string[] = [];
  group.events$.subscribe(event => seen.push(JSON.stringify(event)));
  group.progress$.subscribe(progress => seen.push(JSON.stringify(progress)));
  const look = async () => {
    const session = ['', '/transcript', '/configuration'].map(path => `/sessions/a${path}`);
    for (const path of ['', '/result', '/cost', ...session]) {
      seen.push((await world.api(`/groups/${group.id}${path}`)).text);
    }
  };
  const run = group.run();
  const attempt = await puppet.started('a');
  attempt.emits({ type: 'tool_started', toolUseId: 't0', tool: 'Bash', input: { command } });
  attempt.usesTool('mcp__facts__tell', { input: { about: CANARIES.CANARY_MCP, to: KNOWN } });
  attempt.emits({ type: 'warning', message: `it has ${EVERY.join(' ')}` });
  attempt.usesTool(`mcp__${CANARIES.CANARY_ENV}`, { input: { [CANARIES.CANARY_MCP]: 'x', about: 'y' } });
  const long = `${' '.repeat(3_990)}${CANARIES.CANARY_ENV}`;
  attempt.emits({ type: 'tool_started', toolUseId: 't1', tool: 'Bash', input: { command: long } });
  const coloured = `${CANARIES.CANARY_ENV.slice(0, 9)}\u001b[0m${CANARIES.CANARY_ENV.slice(9)}`;
  attempt.emits({ type: 'tool_started', toolUseId: 't2', tool: 'Bash', input: { command: coloured } });
  const asked = attempt.asks('Bash', { command, nested: [{ [KNOWN]: CANARIES.CANARY_ENV }] });
  await expect.poll(() => group.why('a')?.kind).toBe('approval');
  await look();
  const { requestId = '' } = group.why('a') as { requestId?: string };
  await group.answer(requestId, 'deny');
  await asked;
  await look();
  attempt.fails('invalid_request', `the API said: ${EVERY.join(' ')}`);
  await run;
  await look();

  const all = [...seen, ...inspected].join('\n');
  expect(all).toContain('[redacted MY_TOKEN]');
  expect(all).toContain('curl -H');
  expect(EVERY.filter(canary => all.includes(canary))).toEqual([]);
  const files = filesBelow(world.dataDir).map(path => contentOf(path)?.toString('latin1') ?? '');
  expect(files.some(text => text.includes('[redacted CANARY_HEADER]'))).toBe(true);
  expect(EVERY.filter(canary => files.some(text => text.includes(canary)))).toEqual([]);
});

test('a value that the definition only names is not shown where its prompt has it', async () => {
  const { sessions, ...rest } = definition();
  const prompt = `go with ${CANARIES.CANARY_ENV}`;
  const group = await world.manager.create({ ...rest, sessions: sessions.map(one => ({ ...one, prompt })) });
  const { json } = await world.api(`/groups/${group.id}/sessions/a/configuration`);
  expect(json.prompt).toBe('go with [redacted MY_TOKEN]');
});
