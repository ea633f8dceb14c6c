// @module-tag processes
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { INIT_TEMPLATE } from '../../src/cli/commands/init-template.ts';
import { libraryServices } from '../../src/cli/library.ts';
import { main } from '../../src/cli/main.ts';
import { repository } from '../support/repository.ts';
import { FakeIo } from './fakes.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'session-groups-plan-'));
  await mkdir(join(folder, '.git'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = async (name: string, text: string) => {
  await mkdir(join(folder, name, '..'), { recursive: true });
  await writeFile(join(folder, name), text);
};

/** Whatever is installed here; test/cli/plugins.test.ts has agents that are not ready. */
const READY = { ok: true, warnings: [] } as const;

const plan = (...argv: string[]) => planWith({}, ...argv);

async function planWith({ availableMemory = () => 8e9 }, ...argv: string[]) {
  const io = new FakeIo({
    ...{ cwd: folder, availableMemory },
    env: { ...process.env, NO_COLOR: '1', LC_ALL: 'C.UTF-8', SESSION_GROUPS_WORK_DIR: join(folder, 'work') },
  });
  const code = await main(['plan', ...argv], io, { ...libraryServices, checkAgent: async () => READY });
  return { code, out: io.stdout.text.replaceAll(folder, '.'), err: io.stderr.text.replaceAll(folder, '.') };
}

const DEFINITION = `
version: 1
name: Auth refactor
description: One library for all
config:
  model: sonnet
  budget: { maxBudgetUsd: 2.5 }
  permissions: { allow: ["Bash(npm test)"], onRequest: deny }
sessions:
  - id: lib
    projectPath: .
    prompt: Extract it for {{ group.name }} ({{ group.id }}).
    outputSchema: { type: object }
    estimate: 10m
  - id: end
    projectPath: sub
    prompt: "Use {{ sessions['lib'].result }} and {{ sessions.lib.output.files[0] ?? 'none' }}"
    dependsOn: [lib]
    permissions: { mode: plan }
    maxBudgetUsd: 0.5
    priority: 3
    estimate: 5m
  - id: test
    projectPath: .
    prompt: raw {{ braces }}
    templating: false
    agent: { kind: command, command: [npm, test] }
    dependsOn: [{ session: lib, when: settled }, { session: end, when: failed }]
    trigger: any
    allowFailure: true
    estimate: 1m
`;

const GENERATED = `
version: 1
name: Generated
sessions:
  - { id: lib, projectPath: ., prompt: go }
  - id: use
    projectPath: .
    prompt: go
    dependsOn: [lib]
    settingSources: [user]
    isolateConfigDir: true
    env: { ANTHROPIC_API_KEY: "\${HOME}" }
    mcpServers: { docs: { command: node, env: { TOKEN: "\${HOME}" } } }
    config: { claudeMdTemplate: "Lib said: {{ sessions.lib.result }}" }
`;

const DELIVERS = `
version: 1
name: Deliver
config:
  agent: { kind: command, command: [sh] }
  workspace: { mode: worktree, include: [.env], setup: ["npm ci"], ports: [PORT] }
  verify: { commands: [[npm, test]] }
  integrate: { mode: merge, into: main }
sessions:
  - { id: lib, projectPath: repo, prompt: go }
  - { id: a..b, projectPath: repo, prompt: go }
  - { id: far, project: { git: "https://localhost/far.git" }, prompt: go, integrate: { mode: branch } }
  - { id: here, projectPath: repo, prompt: go, workspace: { mode: shared }, integrate: { mode: none } }
`;

describe('plan', () => {
  beforeEach(async () => {
    await write('group.yaml', DEFINITION);
    await mkdir(join(folder, 'sub'));
  });

  it('says common permissions once, and what is different with the session', async () => {
    const session = (id: string, more = '') => `  - { id: ${id}, projectPath: ., prompt: Work${more} }\n`;
    const odd = ', permissions: { onRequest: fail }, mcpServers: { docs: { command: docs } }';
    const sessions = session('a') + session('b') + session('c', odd) + session('d', ', agent: scripted');
    await write('four.yaml', `version: 1\nname: Four\nsessions:\n${sessions}`);
    const { out } = await plan('four.yaml');
    expect(out).toContain(`
Permissions, where a session says nothing else
  permissions: acceptEdits; allows nothing; denies AskUserQuestion, EnterPlanMode, ExitPlanMode
    anything else needs approval; the session fails if no one can answer
    settings from: user, project, local

4 sessions in 1 project: 3 claude, 1 scripted
  a
    project: .
    agent: claude, default model
  b
    project: .
    agent: claude, default model
  c
    project: .
    agent: claude, default model
      anything else fails the session
      MCP servers (their tools are allowed): docs
  d
`);
  });

  it('warns of agents that take more memory at a time than is free', async () => {
    const sessions = [1, 2, 3, 4].map(id => `  - { id: s${id}, projectPath: ., prompt: Work }\n`).join('');
    await write('four.yaml', `version: 1\nname: Four\nsessions:\n${sessions}`);
    const memory = (available: number) => planWith({ availableMemory: () => available }, 'four.yaml');
    expect((await memory(600_000_000)).err).not.toContain('warning');
    const { code, err } = await memory(599_000_000);
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('3 agents at a time take about') });
    expect(err).toContain('lower maxConcurrent to 2');
    await write('four.yaml', `version: 1\nname: Four\nconfig: { agent: scripted }\nsessions:\n${sessions}`);
    expect((await memory(0)).err).not.toContain('warning');
  });

  it('shows limits, order and every session, and spends nothing', async () => {
    expect(await plan('group.yaml')).toEqual({
      code: 0,
      err: 'Next: session-groups run group.yaml\n',
      out: `Auth refactor
One library for all

budget: $2.50, warns at 80%, then pause
concurrency: 3 sessions, 1 per project
after 2 failures: pause

Order
  1. lib
  2. end
  3. test
  critical path: lib → end (about 15m 00s)

3 sessions in 2 projects: 2 claude, 1 command
  lib
    project: .
    agent: claude, model sonnet
    permissions: acceptEdits; allows Bash(npm test); denies AskUserQuestion, EnterPlanMode, ExitPlanMode
      anything else is denied
      settings from: user, project, local
  end
    project: ./sub
    agent: claude, model sonnet
    after: lib
    priority 3, at most $0.50
    permissions: plan; allows Bash(npm test); denies AskUserQuestion, EnterPlanMode, ExitPlanMode
      anything else is denied
      settings from: user, project, local
  test
    project: .
    agent: command (npm test)
    after: lib has settled or end has failed
    may fail without failing the group
`,
    });
  });

  it('--render shows the prompts with placeholders for results that do not exist yet', async () => {
    const { out } = await plan('group.yaml', '--render');
    expect(out).toContain('    prompt:\n      │ Extract it for Auth refactor (<group id>).\n');
    expect(out).toContain('      │ Use <result of lib> and <output.files[0] of lib>\n');
    expect(out).toContain('      │ raw {{ braces }}\n');
  });

  it('--render shows every generated file, with references for secrets', async () => {
    await write('shared-config/CLAUDE.md', 'Be \u001b[2Jbrief.\n');
    await write('generated.yaml', GENERATED);
    const { out, err } = await plan('generated.yaml', '--render');
    expect(err).toBe('Next: session-groups run generated.yaml\n');
    const [, use = ''] = out.split('\n  use\n');
    expect(use).toContain(`    .mcp.json:
      │ {
      │   "mcpServers": {
      │     "docs": {
      │       "command": "node",
      │       "env": {
      │         "TOKEN": "\${HOME}"
      │       }
      │     }
      │   }
      │ }
    CLAUDE.md:
      │ # Instructions of the session group "Generated" for its session use
      │
      │ Be brief.
      │
      │ Lib said: <result of lib>
    configuration `);
    const json = JSON.parse((await plan('generated.yaml', '--render', '--json')).out);
    expect(Object.keys(json.files)).toEqual(['lib', 'use']);
    expect(Object.keys(json.files.use)).toEqual(['.mcp.json', 'CLAUDE.md']);
    expect(json.hashes.use).toMatch(/^[0-9a-f]{64}$/);
    expect(json.hashes.use).not.toBe(json.hashes.lib);
  });

  it('shows MCP servers, ignored project settings, and a separate config folder', async () => {
    await write('generated.yaml', GENERATED);
    const { out } = await plan('generated.yaml');
    const [lib = '', use = ''] = out.split('\n  use\n');
    expect(use).toContain('      MCP servers (their tools are allowed): docs\n');
    expect(use).toContain("      the project's settings, hooks and MCP servers are ignored");
    expect(use).toContain('      a separate config folder');
    expect(lib).not.toMatch(/MCP|ignored|separate/);
  });

  it('says which sessions have no estimate where others have one, and as what they count', async () => {
    const one = (id: string, more = '') => `  - { id: ${id}, projectPath: ., prompt: go${more} }\n`;
    await write('some.yaml', `version: 1\nname: Some\nsessions:\n${one('a', ', estimate: 11m')}${one('b')}`);
    expect((await plan('some.yaml')).out).toContain(
      '  critical path: a (about 11m 00s)\n  without an estimate, counted as 10 minutes: b\n',
    );
    await write('none.yaml', `version: 1\nname: None\nsessions:\n${one('a')}${one('b')}`);
    expect((await plan('none.yaml')).out).not.toContain('estimate');
  });

  it('--json prints the same as data', async () => {
    const { code, out } = await plan('group.yaml', '--json', '--render');
    expect(code).toBe(0);
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    const parsed = JSON.parse(out);
    expect(parsed).toMatchObject({
      name: 'Auth refactor',
      layers: [['lib'], ['end'], ['test']],
      criticalPath: ['lib', 'end'],
      criticalPathMs: 900_000,
      limits: { maxBudgetUsd: 2.5, onBudgetExceeded: 'pause', maxConcurrent: 3 },
      prompts: { test: 'raw {{ braces }}' },
      warnings: [],
    });
    expect(parsed.sessions[1]).toMatchObject({
      id: 'end',
      agent: 'claude',
      dependsOn: [{ session: 'lib', when: 'completed' }],
      permissions: { mode: 'plan', allow: ['Bash(npm test)'], onRequest: 'deny' },
      projectSettings: { mcpServers: [], hooks: [], unreadable: [] },
    });
    expect(parsed.sessions[2]).not.toHaveProperty('permissions');
  });

  it('shows which trees and branches are made, what they need, and what runs outside the permissions', async () => {
    const repo = repository(join(folder, 'repo'));
    repo.write('a.txt', 'x'.repeat(3_000));
    repo.commit('first');
    await write('deliver.yaml', DELIVERS);
    const { code, out, err } = await plan('deliver.yaml');
    expect([code, err]).toEqual([0, 'Next: session-groups run deliver.yaml\n']);
    expect(out).toContain(`
Delivery
  merged in order into session-groups/<group>/_merged, in each repository
  then moves your branch main, in every repository or in none
  trees below ./work
  2 trees of ./repo: 5.9 KiB on disk (1 file each), before set-up
  1 tree of https://localhost/far.git: size unknown: it is cloned when its session starts
`);
    expect(out).toContain(`
  lib
    project: ./repo
    agent: command (sh)
    workspace: a worktree of its own from HEAD, branch session-groups/<group>/lib
      its result is merged into the group's branch; the tree is kept until that is merged
      brings along: .env
      free ports: PORT
    sets up with: npm ci
    checks with: npm test
      until they pass, at most 3 times, 15m 00s each
      ⚠ these commands run the project's code outside the agent's permissions
`);
    expect(out).toContain('branch session-groups/<group>/a-b-');
    expect(out).toContain('    checks with: npm test\n');
    const json = JSON.parse((await plan('deliver.yaml', '--json')).out);
    expect(json).toMatchObject({
      delivery: { merged: 'session-groups/<group>/_merged', into: 'main', scope: 'all' },
      disk: {
        workDir: './work',
        trees: [{ sessions: ['lib', 'a..b'], size: { files: 1, bytes: 3_000 } }, {}],
      },
    });
    expect(json.sessions[3].work).toEqual({
      mode: 'shared',
      setup: [],
      integrate: 'none',
      verify: { commands: [['npm', 'test']], attempts: 3, timeout: 900_000 },
    });
    expect(repo.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main\n');
  });

  it('--mermaid draws conditions as labels and alternatives as dotted edges', async () => {
    expect((await plan('group.yaml', '--mermaid')).out).toBe(
      [
        'flowchart TD',
        '  s1["lib"]',
        '  s2["end"]',
        '  s3["test"]',
        '  s1 --> s2',
        '  s1 -.->|settled| s3',
        '  s2 -.->|failed| s3',
        '  classDef critical stroke-width:3px',
        '  class s1,s2 critical',
        '',
      ].join('\n'),
    );
  });

  it('names the hooks and servers that the project would start, up to the root of its tree', async () => {
    await write('.mcp.json', JSON.stringify({ mcpServers: { db: { command: 'npx' } } }));
    const hooks = {
      PreToolUse: [{ matcher: 'Bash', hooks: [{ type: 'command', command: 'rm \u001b[2J-rf' }] }],
    };
    await write('.claude/settings.json', JSON.stringify({ hooks, apiKeyHelper: './key.sh' }));
    await write('sub/.claude/settings.local.json', '{ broken');
    const { out } = await plan('group.yaml');
    const [, end = ''] = out.split('\n  end\n');
    expect(end).toContain('⚠ starts MCP server db without asking (./.mcp.json)');
    expect(end).toContain('⚠ runs at PreToolUse without asking: rm -rf (./.claude/settings.json)');
    expect(end).toContain('⚠ runs at apiKeyHelper without asking: ./key.sh (./.claude/settings.json)');
    expect(end).toContain('⚠ unreadable and ignored: ./sub/.claude/settings.local.json');
  });

  it('does not name them if the project settings are ignored', async () => {
    await write('.mcp.json', JSON.stringify({ mcpServers: { db: { command: 'npx' } } }));
    await write('group.yaml', DEFINITION.replace('  model: sonnet', '  settingSources: [user]'));
    expect((await plan('group.yaml')).out).not.toContain('db');
  });

  it('refuses an invalid definition with exit 2 and all its problems', async () => {
    await write(
      'bad.yaml',
      DEFINITION.replace('dependsOn: [lib]', 'dependsOn: [lob]').replace('prompt: raw', 'promt: raw'),
    );
    const { code, out, err } = await plan('bad.yaml');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/bad\.yaml:\d+:\d+ error/);
    expect(err).toContain('lob');
    expect(err).toContain('promt');
    const json = await plan('bad.yaml', '--json');
    expect(json).toMatchObject({ code: 2, err: '' });
    expect(JSON.parse(json.out)).toMatchObject({ type: 'error', code: 'invalid_definition' });
  });

  it('refuses a missing file with exit 2', async () => {
    expect(await plan('none.yaml')).toMatchObject({ code: 2, out: '' });
  });
});

describe('the starter of init', () => {
  it('is valid as it stands', async () => {
    await write('session-groups.yaml', INIT_TEMPLATE);
    expect(await plan('session-groups.yaml')).toMatchObject({
      code: 0,
      err: 'Next: session-groups run session-groups.yaml\n',
    });
  });
});
