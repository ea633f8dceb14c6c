// @module-tag processes
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { libraryServices } from '../../../src/cli/library.ts';
import { main } from '../../../src/cli/main.ts';
import { overrideDefinition } from '../../../src/cli/run/overrides.ts';
import type { CliServices } from '../../../src/cli/services.ts';
import { createSessionGroup, definitionJsonSchema, loadDefinition, preview } from '../../../src/index.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import { AGENT_KINDS } from '../../../src/sdk/session/agent-kinds.ts';
import { FakeIo } from '../../cli/fakes.ts';
import { definitionFolder } from '../group/definition/definition-folder.ts';
import { checked, createStubAgent, given } from './stub-agent.ts';

/**
 * A new kind, `stub`, that accepts MCP servers and no other generated configuration. The source files that are replaced
 * below are all that a new kind touches besides its adapter (stub-agent.ts): two more files.
 */
vi.mock('../../../src/sdk/session/agent-kinds.ts', async importOriginal => {
  const { AGENT_KINDS: kinds } = await importOriginal<{ AGENT_KINDS: typeof AGENT_KINDS }>();
  const stub = {
    config: z.strictObject({ kind: z.literal('stub'), tone: z.string().default('plain') }),
    capabilities: {
      ...kinds.command.capabilities,
      mcp: true,
      approvals: true,
      structuredOutput: false,
      installed: true,
    },
  };
  return { AGENT_KINDS: { ...kinds, stub } };
});
vi.mock('../../../src/sdk/session/built-in-agents.ts', async importOriginal => {
  const { builtInAgents } =
    await importOriginal<typeof import('../../../src/sdk/session/built-in-agents.ts')>();
  return {
    builtInAgents: (...args: Parameters<typeof builtInAgents>) => ({
      ...builtInAgents(...args),
      stub: createStubAgent(args[0]),
    }),
  };
});

const DEFINITION = `version: 1
name: demo
config: { agent: stub, sessionDefaults: { generateMcpConfig: true } }
sessions:
  - id: a
    projectPath: lib
    prompt: one
    maxBudgetUsd: 1
    mcpServers: { docs: { command: node } }
    config: { claudeMdTemplate: Be kind., settingsOverride: { model: opus }, commands: [review] }
    isolateConfigDir: true
    outputSchema: { type: object }
  - { id: b, projectPath: web, prompt: "{{ sessions.a.result }}!", dependsOn: [a], agent: { kind: stub, tone: dry } }
`;

let folder: Awaited<ReturnType<typeof definitionFolder>>;
beforeEach(async () => {
  given.length = 0;
  checked.length = 0;
  folder = await definitionFolder({
    'group.yaml': DEFINITION,
    'small.yaml': DEFINITION.replace('    outputSchema: { type: object }\n', ''),
    'wrong.yaml': DEFINITION.replace('agent: stub', 'agent: stab').replace('tone: dry', 'tune: dry'),
    'shared-config/.mcp.json': '{"mcpServers":{"shared":{"command":"node"}}}',
    'templates/review.md': 'Review.',
  });
});
afterEach(() => folder.dispose());

const file = (name = 'group.yaml') => `${folder.path}/${name}`;
const cli = async (...argv: string[]) => {
  const io = new FakeIo({ cwd: folder.path });
  // One after the other: Vitest would give the second of two simultaneous imports the file that it should mock.
  let last: Promise<unknown> = Promise.resolve();
  const checkAgent: CliServices['checkAgent'] = (kind, env) => {
    const check = last.then(() => libraryServices.checkAgent(kind, env));
    last = check;
    return check;
  };
  const code = await main(argv, io, { ...libraryServices, checkAgent });
  return { code, out: io.stdout.text, err: io.stderr.text };
};

describe('a new kind of agent is known to', () => {
  test('definitions, by name alone and with options', async () => {
    const { config, sessions } = (await loadDefinition(file())).definition;
    expect(config.agent).toEqual({ kind: 'stub', tone: 'plain' });
    expect(sessions[1]?.agent).toEqual({ kind: 'stub', tone: 'dry' });
    expect(JSON.stringify(definitionJsonSchema())).toContain('"enum":["claude","scripted","stub"]');
  });

  test('the errors of definitions', async () => {
    await expect(loadDefinition(file('wrong.yaml'))).rejects.toMatchObject({
      diagnostics: [
        {
          path: ['config', 'agent'],
          message: expect.stringContaining('expected claude, scripted, stub, or an object'),
        },
        { path: ['sessions', 1, 'agent', 'tune'] },
      ],
    });
  });

  test('findings, with warnings only for what it does not accept', async () => {
    const { warnings } = await loadDefinition(file());
    const told = warnings.map(({ code, message }) => `${code}: ${message}`);
    expect(told).toEqual([
      ...['claudeMdTemplate', 'settingsOverride', 'commands', 'isolateConfigDir'].map(
        key => `not_for_this_agent: "${key}" only applies to the agent claude; the agent stub ignores it`,
      ),
      'not_for_this_agent: "outputSchema" only applies to the agent claude or command; the agent stub ignores it',
    ]);
  });

  test('previews, with only the configuration that it accepts', async () => {
    const [a] = (await preview(file())).sessions;
    expect(Object.keys(a?.files ?? {})).toEqual(['.mcp.json']);
    expect(a?.mcpServers).toEqual(['shared', 'docs']);
  });

  test('plan', async () => {
    const { code, out } = await cli('plan', file());
    expect(code).toBe(0);
    expect(out).toContain('    agent: stub\n');
    expect(out).toContain('    permissions: acceptEdits;');
    expect(out).toContain('      MCP servers (their tools are allowed): shared, docs\n');
    expect(out).not.toContain('settings from');
    expect(out).not.toContain('config folder of its own');
  });

  test('doctor', async () => {
    const { code, out, err } = await cli('doctor');
    expect(err).toBe('');
    expect(out).toContain('✓ stub            1.2.3, /opt/stub\n');
    expect(code).toBe(4); // no claude is on the path of this test
  });

  test('rehearsals, in which a script replaces it', async () => {
    const { definition } = await loadDefinition(file());
    const rehearsal = overrideDefinition(definition, { scripted: true });
    expect(rehearsal.config.agent).toEqual({ kind: 'scripted', ignoreInterrupt: false });
    expect(rehearsal.sessions[1]?.agent).toEqual({ kind: 'scripted', ignoreInterrupt: false });
  });

  test('groups, in which its results go to dependent sessions', async () => {
    const group = await createSessionGroup(file('small.yaml'), { projects: memoryProjectGate() });
    const { status, sessions } = await group.run();
    expect(status).toBe('completed');
    expect(Object.values(sessions).map(({ result }) => result)).toEqual([
      'answer to one',
      'answer to answer to one!',
    ]);
    const agents = [
      { kind: 'stub', tone: 'plain' },
      { kind: 'stub', tone: 'dry' },
    ];
    expect(checked).toEqual(agents); // before anything starts
    expect(given.map(({ agent }) => agent)).toEqual(agents);
    const [first] = given;
    expect(first?.config?.mcpServers).toEqual(['shared', 'docs']);
    expect(first?.config).not.toHaveProperty('instructionsFile');
    expect(first).not.toHaveProperty('maxBudgetUsd'); // it supports no cap
    await group.dispose();
  });
});

test('only adapters refer to a kind by name', () => {
  const src = fileURLToPath(new URL('../../../src/', import.meta.url));
  const kinds = Object.keys(AGENT_KINDS).join('|');
  const asks = new RegExp(`(?:kind|agent|name)\\s*[!=]==\\s*'(?:${kinds})'|case '(?:${kinds})':`);
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'));
  const asking = files.filter(name => asks.test(readFileSync(src + name, 'utf8')));
  const adapters = /^sdk\/session\/(?:claude-code\/|scripted\/|command[.]ts$)/;
  expect(asking.filter(name => !adapters.test(name))).toEqual([]);
  expect(asking.length).toBeGreaterThan(0);
});
