import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runtimeFolder } from '../../src/sdk/project/runtime-folder.ts';
import { createFileStore } from '../../src/store/file-store.ts';
import { type GroupBench, groupBench } from '../support/group-bench.ts';
import { contentOf, filesBelow } from '../support/live-folder.ts';
import { type McpHttp, startMcpHttp } from '../support/mcp-http.ts';
import { text, toolUse } from '../support/messages-api/answers.ts';
import { turnsSoFar } from '../support/messages-api/request.ts';

const SERVER = fileURLToPath(new URL('../fixtures/programs/mcp-server.mjs', import.meta.url));

let bench: GroupBench;
let http: McpHttp;
beforeEach(async () => {
  bench = await groupBench();
  http = await startMcpHttp();
});
afterEach(async () => {
  await bench.close();
  await http.close();
});

const CANARIES = {
  CANARY_ENV: 'canary-env-8c1f2a',
  CANARY_MCP: 'canary-mcp-77b0de',
  CANARY_HEADER: 'canary-header-0e9d41',
};
const LITERAL = 'canary-literal-5f3a90';
const every = [...Object.values(CANARIES), LITERAL];

it('secrets reach the agent and its servers, and appear in no file, event or command line', async () => {
  const dataDir = join(bench.folder, 'data');
  const { group, events } = await bench.create(
    {
      name: 'secrets',
      sessions: [
        {
          id: 'a',
          projectPath: bench.repository('a'),
          prompt: 'go',
          env: { MY_TOKEN: '${CANARY_ENV}' },
          mcpServers: {
            facts: { command: 'node', args: [SERVER], env: { KEY: '${CANARY_MCP}', OTHER: LITERAL } },
            finder: { type: 'http', url: http.url, headers: { Authorization: 'Bearer ${CANARY_HEADER}' } },
          },
        },
      ],
    },
    { store: createFileStore({ dataDir }), env: { ...bench.env, ...CANARIES } },
  );
  const asked = new Promise<void>(resolve => {
    bench.api.answerWith(({ side, body }) => {
      if (side) return undefined;
      if (turnsSoFar(body) === 0) return toolUse('mcp__facts__tell', { about: 'it' });
      resolve();
      return { kind: 'silence' };
    });
  });
  const run = group.run();
  await asked; // the server has answered a call, and the client waits for the model

  // Other processes may run the same program: ours has this HOME.
  const servers = processes('environ').filter(({ command }) => command.includes(SERVER));
  const environment = servers.find(({ text: variables }) => variables.includes(bench.folder))?.text ?? '';
  expect(environment).toContain(`KEY=${CANARIES.CANARY_MCP}`);
  expect(environment).toContain(`OTHER=${LITERAL}`);
  expect(environment).toContain(`MY_TOKEN=${CANARIES.CANARY_ENV}`);
  expect(http.headers.at(-1)?.authorization).toBe(`Bearer ${CANARIES.CANARY_HEADER}`);
  expect(processes('cmdline').filter(({ text: line }) => holdsAny(line))).toEqual([]);
  expect(filesWithCanaries(bench.folder)).toEqual([]);

  await group.pause();
  expect((await run).status).toBe('paused');
  bench.api.answerWith(({ side }) => (side ? undefined : text('done')));
  expect((await group.resume()).status).toBe('completed');
  expect(events.filter(event => holdsAny(JSON.stringify(event)))).toEqual([]);
  await group.dispose();
  expect(filesWithCanaries(bench.folder)).toEqual([]);
  expect(filesWithCanaries(runtimeFolder())).toEqual([]);
  expect(JSON.stringify(bench.api.requests)).not.toContain('canary');
  const config = join(dataDir, 'groups', group.id, 'sessions', '001-a', 'config');
  expect(readFileSync(join(config, '.mcp.json'), 'utf8')).toContain('"KEY": "${CANARY_MCP}"');
});

it('what a tool is called with and what it returns is kept and told without them', async () => {
  const dataDir = join(bench.folder, 'data');
  const { group, all } = await bench.create(
    {
      name: 'secrets',
      sessions: [
        {
          id: 'a',
          projectPath: bench.repository('a'),
          prompt: 'go',
          env: { MY_TOKEN: '${CANARY_ENV}' },
          permissions: { allow: ['Bash'] },
        },
      ],
    },
    { store: createFileStore({ dataDir }), env: { ...bench.env, ...CANARIES } },
  );
  const command = `echo ${CANARIES.CANARY_ENV} "$MY_TOKEN"; echo "$MY_TOKEN" >&2`;
  bench.api.answerWith(({ side, body }) => {
    if (side) return undefined;
    return turnsSoFar(body) === 0 ? toolUse('Bash', { command }) : text('done');
  });
  expect((await group.run()).status).toBe('completed');
  expect(JSON.stringify(bench.api.requests.at(-1))).toContain(CANARIES.CANARY_ENV); // the agent has seen it
  expect(all('tool_started')).toMatchObject([
    { tool: 'Bash', input: 'echo [redacted MY_TOKEN] "$MY_TOKEN"; echo "$MY_TOKEN" >&2' },
  ]);
  await group.dispose();
  expect(filesWithCanaries(dataDir)).toEqual([]);
  const log = readFileSync(
    join(dataDir, 'groups', group.id, 'sessions', '001-a', 'transcript.ndjson'),
    'utf8',
  );
  expect(log.match(/\[redacted MY_TOKEN\]/g)?.length).toBeGreaterThanOrEqual(3);
});

const holdsAny = (content: string): boolean => every.some(canary => content.includes(canary));

/** A literal of the definition is stored with the definition only, readable by its owner alone. */
function filesWithCanaries(folder: string): string[] {
  return filesBelow(folder)
    .filter(file => basename(file) !== 'definition.json')
    .filter(file => holdsAny(contentOf(file)?.toString('latin1') ?? ''));
}

/** One file of every process of the machine, with its command line. */
function processes(file: 'environ' | 'cmdline'): { command: string; text: string }[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      try {
        const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8').replaceAll('\0', '\n');
        return [{ command: read('cmdline'), text: read(file) }];
      } catch {
        return []; // it has exited
      }
    });
}
