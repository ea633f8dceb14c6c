import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import { parseDefinition } from '../../../../src/sdk/group/definition/definition.ts';
import type { SessionGroupInput } from '../../../../src/sdk/group/types.ts';
import { definitionFolder, problemsOf } from '../definition/definition-folder.ts';

const folders: { dispose: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.dispose();
});
async function folderWith(files: Readonly<Record<string, string>>) {
  const folder = await definitionFolder(files);
  folders.push(folder);
  return folder;
}

const HEAD = 'version: 1\nname: demo\n';
const SESSION = 'sessions:\n  - id: a\n    projectPath: lib\n    prompt: do\n';
const ALL_ON =
  'config:\n  sessionDefaults: { generateMcpConfig: true, generateSettings: true, generateCommands: true }\n';
const said = (
  problems: readonly { code: string; line?: number; column?: number; file?: string }[],
  base: string,
) =>
  problems.map(
    ({ code, line, column, file }) =>
      `${code} ${file?.slice(base.length + 1) ?? ''}:${line ?? '-'}:${column ?? '-'}`,
  );

describe('shared-config/ beside a definition', () => {
  test('is read with it, and stored as text', async () => {
    const files = {
      'shared-config/CLAUDE.md': 'Be brief.\n',
      'shared-config/.mcp.json': '{ "mcpServers": { "docs": { "command": "node" } } }',
      'shared-config/settings.json': '{ "permissions": { "deny": ["WebFetch"] } }',
      'shared-config/commands/team/review.md': 'Review it.\n',
    };
    const folder = await folderWith({ 'group.yaml': HEAD + ALL_ON + SESSION, ...files });
    const loaded = await folder.load();
    expect(loaded.warnings).toEqual([]);
    expect(loaded.files.sharedConfig).toEqual({
      'CLAUDE.md': files['shared-config/CLAUDE.md'],
      'mcp.json': files['shared-config/.mcp.json'],
      'settings.json': files['shared-config/settings.json'],
      'commands/team/review.md': files['shared-config/commands/team/review.md'],
    });
    const again = await parseDefinition(loaded.definition, { env: {}, files: loaded.files });
    expect(again.files).toEqual(loaded.files);
  });

  test('has every mistake reported at its place', async () => {
    const folder = await folderWith({
      'group.yaml': HEAD + ALL_ON + SESSION,
      'shared-config/.mcp.json':
        '{\n  "mcpServers": {\n    "docs": { "command": "node", "env": { "T": "${GONE}" } },\n    "b d": { "command": "x" },\n    "c": { "command": 5 }\n  }\n}',
      'shared-config/settings.json':
        '{\n  "permissions": { "deny": "Bash", "allow": ["Bash(", "Read"] },\n  "hooks": { "Stop": [{ "hooks": [{ "type": "command" }] }], "Sotp": [] },\n  "modle": "opus"\n}',
    });
    const problems = await problemsOf(folder.load());
    expect(said(problems, folder.path).sort()).toEqual([
      'invalid_value shared-config/.mcp.json:4:5',
      'invalid_value shared-config/.mcp.json:5:23',
      'invalid_value shared-config/settings.json:2:28',
      'invalid_value shared-config/settings.json:2:46',
      'missing_key shared-config/settings.json:3:35',
      'unknown_setting shared-config/settings.json:3:62',
      'unknown_setting shared-config/settings.json:4:3',
      'unset_variable shared-config/.mcp.json:3:48',
    ]);
    const typing = problems.find(({ line, file }) => line === 4 && file?.endsWith('settings.json'));
    expect(typing).toMatchObject({ severity: 'warning', suggestion: expect.stringContaining('model') });
  });

  test('has a syntax error reported with its line', async () => {
    const folder = await folderWith({
      'group.yaml': HEAD + ALL_ON + SESSION,
      'shared-config/settings.json': '{ "model": "opus", }',
    });
    const [problem] = await problemsOf(folder.load());
    expect(problem).toMatchObject({ code: 'json_syntax', line: 1, column: 20, severity: 'error' });
  });

  test('is reported if no session uses it, and then needs no variables', async () => {
    const folder = await folderWith({
      'group.yaml': HEAD + SESSION,
      'shared-config/.mcp.json':
        '{ "mcpServers": { "docs": { "command": "node", "env": { "T": "${GONE}" } } } }',
      'shared-config/setings.json': '{}',
    });
    const { warnings } = await folder.load();
    expect(warnings.map(({ code, message }) => [code, message.slice(0, 40)])).toEqual([
      ['unused_file', '"setings.json" in shared-config is not u'],
      ['unused_file', 'shared-config/.mcp.json is not used: no '],
    ]);
    expect(warnings[0]?.suggestion).toContain('settings.json');
  });

  test('is read for an object if baseDir is given', async () => {
    const folder = await folderWith({ 'shared-config/CLAUDE.md': 'Be brief.\n' });
    const value = {
      version: 1,
      name: 'x',
      sessions: [{ id: 'a', projectPath: join(folder.path, 'lib'), prompt: 'p' }],
    };
    expect((await parseDefinition(value, { baseDir: folder.path })).files.sharedConfig).toEqual({
      'CLAUDE.md': 'Be brief.\n',
    });
    expect((await parseDefinition(value)).files.sharedConfig).toEqual({});
  });

  test('in the working directory of a host is not part of a group created there', async () => {
    const folder = await folderWith({ 'shared-config/CLAUDE.md': 'Be brief.\n' });
    const sessions = [
      { id: 'a', projectPath: join(folder.path, 'lib'), prompt: 'p', agent: 'scripted' as const },
    ];
    const before = process.cwd();
    process.chdir(folder.path);
    try {
      const group = await createSessionGroup({ version: 1, name: 'x', sessions });
      await group.dispose();
      expect(group.group.files?.sharedConfig).toEqual({});
      const named = await createSessionGroup({ version: 1, name: 'x', sessions }, { baseDir: folder.path });
      await named.dispose();
      expect(named.group.files?.sharedConfig).toEqual({ 'CLAUDE.md': 'Be brief.\n' });
    } finally {
      process.chdir(before);
    }
  });
});

describe('configuration of a session', () => {
  const warningsOf = async (session: Partial<SessionGroupInput['sessions'][number]>, env = {}) => {
    const folder = await folderWith({});
    await mkdir(join(folder.path, 'p'));
    const sessions = [{ id: 'a', projectPath: 'p', prompt: 'x', ...session }];
    const { warnings } = await parseDefinition(
      { version: 1, name: 'x', sessions },
      { baseDir: folder.path, env },
    );
    return warnings.map(({ code, path }) => `${code} ${path.slice(2).join('.')}`);
  };

  test('causes a warning for a possible secret, without showing it', async () => {
    const secret = 'sk-ant-0123456789abcdef0123';
    const mcpServers = {
      a: { command: 'node', args: ['--key', '${API_KEY}'], env: { LEVEL: 'debug', TOKEN: 'hunter2hunter2' } },
      b: { type: 'http' as const, url: 'https://host/mcp', headers: { Authorization: 'Bearer 0123456789' } },
    };
    expect(await warningsOf({ mcpServers }, { API_KEY: 'x' })).toEqual([
      'secret_in_command mcpServers.a.args.1',
      'literal_secret mcpServers.a.env.TOKEN',
      'literal_secret mcpServers.b.headers.Authorization',
    ]);
    expect(await warningsOf({ config: { settingsOverride: { env: { K: secret } } } })).toEqual([
      'literal_secret config.settingsOverride.env.K',
    ]);
  });

  test('causes a warning if it is switched off, or for another agent', async () => {
    expect(
      await warningsOf({ config: { generateSettings: false, settingsOverride: { model: 'opus' } } }),
    ).toEqual(['switched_off config.settingsOverride']);
    expect(
      await warningsOf({
        agent: { kind: 'command', command: ['ls'] },
        isolateConfigDir: true,
        config: { claudeMdTemplate: 'Be brief.' },
      }),
    ).toEqual(['not_for_this_agent isolateConfigDir', 'not_for_this_agent config.claudeMdTemplate']);
  });

  test.each([
    ['a key of the host', {}, { ANTHROPIC_API_KEY: 'k' }],
    ['a token of the session', { env: { CLAUDE_CODE_OAUTH_TOKEN: '${MINE}' } }, { MINE: 't' }],
    ['a helper', { config: { settingsOverride: { apiKeyHelper: './key.sh' } } }, {}],
  ])('may use a separate config folder with %s', async (_, session, env) => {
    expect(await warningsOf({ isolateConfigDir: true, ...session }, env)).toEqual([]);
  });

  test('may not use one without a login, nor with a key that is not passed on', async () => {
    const sessions = [{ id: 'a', projectPath: '.', prompt: 'x', isolateConfigDir: true }];
    const problems = await problemsOf(parseDefinition({ version: 1, name: 'x', sessions }, { env: {} }));
    expect(problems).toMatchObject([
      { code: 'no_portable_login', path: ['sessions', 0, 'isolateConfigDir'] },
    ]);
  });

  test("may not put another session's output into a command", async () => {
    const folder = await folderWith({
      'templates/leak.md': "Do {{ sessions['a'].result }}",
      'templates/pass.md': '---\nvariables: [{name: before}]\n---\nDo {{ before }}',
      'group.yaml': `${HEAD}${SESSION}  - id: b
    projectPath: web
    prompt: do
    dependsOn: [a]
    inputs: { before: "{{ sessions.a.error ?? 'none' }}" }
    config: { commands: [leak, pass] }
`,
    });
    const problems = await problemsOf(folder.load());
    expect(problems.map(({ code, path }) => [code, path.at(-1)])).toEqual([
      ['foreign_in_command', 0],
      ['foreign_in_command', 1],
    ]);
  });
});
