// @module-tag processes
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { FakeIo } from './fakes.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'session-groups-plugins-'));
  await files({
    'project/group.yaml':
      'version: 1\nname: Demo\nsessions:\n  - { id: a, projectPath: ., prompt: go, agent: mine }\n',
  });
});
afterEach(() => rm(folder, { recursive: true }));

const files = async (given: Readonly<Record<string, string>>) => {
  for (const [name, text] of Object.entries(given)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
};

/** A module whose agent answers its check like this. Loading it leaves a mark. */
const plugin = (
  check = '({ ok: true, version: "7.1", warnings: [] })',
  kind = 'mine',
  form = 'export default',
) => `
import { writeFileSync } from 'node:fs';
writeFileSync(new URL('loaded', import.meta.url), '');
const agents = { ${kind}: {
  kind: '${kind}',
  capabilities: { resume: false, usage: 'none', spends: false, approvals: false },
  check: async () => ${check},
  start() { throw new Error('not started here'); },
} };
${form} ${form === 'export default' ? 'agents' : '{ agents }'};
`;

const COMMAND =
  'version: 1\nname: Demo\nsessions: [{ id: a, projectPath: ., prompt: go, agent: { kind: command, command: ["true"] } }]\n';
const NEVER = `${plugin()}\nawait new Promise(() => {});`;

const cli = async (...argv: string[]) => {
  const env = {
    PATH: process.env.PATH,
    SESSION_GROUPS_CONFIG_DIR: join(folder, 'config'),
    SESSION_GROUPS_DATA_DIR: join(folder, 'data'),
    SESSION_GROUPS_CLAUDE: join(folder, 'no-claude'),
  };
  const io = new FakeIo({ cwd: join(folder, 'project'), env });
  const code = await main(argv, io);
  return { code, out: io.stdout.text, err: io.stderr.text };
};
const config = (...plugins: string[]) => `plugins: ${JSON.stringify(plugins)}\n`;

describe("a plugin of the user's", () => {
  test.each([
    ['by an absolute path', () => join(folder, 'elsewhere/agents.mjs'), 'elsewhere/agents.mjs'],
    ['relative to the configuration', () => './agents.mjs', 'config/agents.mjs'],
    ['as a package that is installed there', () => 'my-agents', 'config/node_modules/my-agents/index.js'],
  ])('is named %s', async (_, specifier, place) => {
    await files({
      'config/config.yaml': config(specifier()),
      'config/node_modules/my-agents/package.json': '{"type":"module","exports":{"import":"./index.js"}}',
      [place]: plugin(),
    });
    const { code, out, err } = await cli('plan', 'group.yaml');
    expect({ code, err }).toEqual({ code: 0, err: 'Next: session-groups run group.yaml\n' });
    expect(out).toContain('    agent: mine\n');
  });

  test('may export its agents by name', async () => {
    await files({
      'config/config.yaml': config('./a.mjs'),
      'config/a.mjs': plugin(undefined, 'mine', 'export'),
    });
    expect(await cli('plan', 'group.yaml')).toMatchObject({ code: 0 });
  });

  test('is shown by doctor, which asks its agents', async () => {
    await files({ 'config/config.yaml': config('./a.mjs'), 'config/a.mjs': plugin() });
    const { out } = await cli('doctor');
    expect(out).toMatch(/✓ mine +7\.1\n/);
    await files({
      'config/config.yaml': config('./bad.mjs'),
      'config/bad.mjs': plugin(
        '({ ok: false, code: "agent_not_found", message: "no engine", hint: "Get one." })',
      ),
    });
    const missing = await cli('doctor');
    expect(missing.code).toBe(4);
    expect(missing.out).toMatch(/✗ mine +no engine\n +Get one\.\n/);
  });

  test('whose check throws is not ready: plan warns, at the session that names it', async () => {
    await files({
      'config/config.yaml': config('./a.mjs'),
      'config/a.mjs': plugin('{ throw new Error("boom") }'),
    });
    const { code, out } = await cli('plan', 'group.yaml', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out).warnings).toMatchObject([
      {
        code: 'agent_not_ready',
        message: 'the agent mine is not ready: the check of the agent (mine) failed: boom',
        path: ['sessions', 0, 'agent'],
        suggestion: expect.stringContaining('must not throw'),
      },
    ]);
    expect((await cli('plan', 'group.yaml')).err).toContain('the agent mine is not ready');
    expect((await cli('plan', 'group.yaml', '--mermaid')).err).toBe('');
  });
});

test('plan warns of a built-in agent that is not ready', async () => {
  await files({
    'project/group.yaml': 'version: 1\nname: Demo\nsessions: [{ id: a, projectPath: ., prompt: go }]\n',
  });
  const { code, err } = await cli('plan', 'group.yaml');
  expect(code).toBe(0);
  expect(err).toContain('warning agent_not_ready config.agent: the agent claude is not ready: ');
});

describe('plugins are code, and come', () => {
  test('from no project and no definition', async () => {
    await files({
      'project/config.yaml': config('./agents.mjs'),
      'project/.session-groups/config.yaml': config('../agents.mjs'),
      'project/agents.mjs': plugin(),
    });
    const { code, err } = await cli('plan', 'group.yaml');
    expect(code).toBe(2);
    expect(err).toContain('in plugins of your config.yaml');
    await files({
      'project/group.yaml':
        'version: 1\nname: Demo\nplugins: [./agents.mjs]\nsessions: [{ id: a, projectPath: ., prompt: go }]\n',
    });
    const named = await cli('plan', 'group.yaml');
    expect(named.code).toBe(2);
    expect(named.err).toContain('unknown key "plugins"');
    expect(existsSync(join(folder, 'project/loaded'))).toBe(false);
  });

  test('only where agents are needed', async () => {
    await files({ 'config/config.yaml': config('./a.mjs'), 'config/a.mjs': plugin() });
    const idle = [
      ['--version'],
      ['--help'],
      ['group', 'list'],
      ['template', 'list'],
      ['init'],
      ['group', 'stop', 'none'],
    ];
    for (const argv of idle) await cli(...argv);
    expect(existsSync(join(folder, 'config/loaded'))).toBe(false);
    await cli('plan', 'group.yaml');
    expect(existsSync(join(folder, 'config/loaded'))).toBe(true);
  });
});

describe('a configuration that cannot be used is an error with its place', () => {
  test('none is one that is empty, or has only comments', async () => {
    await files({ 'config/config.yaml': '# plugins:\n#   - ./a.mjs\n', 'project/group.yaml': COMMAND });
    expect(await cli('plan', 'group.yaml')).toMatchObject({
      code: 0,
      err: 'Next: session-groups run group.yaml\n',
    });
    await files({ 'config/config.yaml': '' });
    expect(await cli('plan', 'group.yaml')).toMatchObject({
      code: 0,
      err: 'Next: session-groups run group.yaml\n',
    });
  });

  test('is a path that is written as a package', async () => {
    await files({ 'config/config.yaml': config('a.mjs'), 'config/a.mjs': plugin() });
    const { code, err } = await cli('plan', 'group.yaml');
    expect(code).toBe(2);
    expect(err).toContain('(a path begins with ./ or /: ./a.mjs)');
  });

  test('is a module that never finishes loading', async () => {
    await files({ 'config/config.yaml': config('./a.mjs'), 'config/a.mjs': NEVER });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const planned = cli('plan', 'group.yaml');
    await vi.waitUntil(() => existsSync(join(folder, 'config/loaded')), 60_000);
    while (vi.getTimerCount() > 0) await vi.advanceTimersByTimeAsync(10_000);
    const { code, err } = await planned;
    expect(code).toBe(2);
    expect(err).toContain('the plugin ./a.mjs: it cannot be loaded: it has not loaded within 30 s');
  });

  test.each([
    ['plugin: [x]\n', /config\.yaml:1:1: unknown key "plugin" \(did you mean "plugins"\?\)/],
    ['plugins: ./a.mjs\n', /config\.yaml:1:10: expected a list/],
    ['plugins: [\n', /config\.yaml:\d+:\d+: /],
  ])('%j', async (text, message) => {
    await files({ 'config/config.yaml': text });
    const { code, out } = await cli('plan', 'group.yaml', '--json');
    const error = JSON.parse(out);
    expect({ code, error: error.code }).toEqual({ code: 2, error: 'invalid_config' });
    expect(error.message).toMatch(message);
  });

  test.each([
    [
      'a missing module',
      './none.mjs',
      '',
      /the plugin \.\/none\.mjs: it cannot be loaded: Cannot find module/,
    ],
    [
      'a module that throws',
      './a.mjs',
      'throw new Error("boom");',
      /the plugin \.\/a\.mjs: it cannot be loaded: boom/,
    ],
    ['a module without agents', './a.mjs', 'export const other = 1;', /it exports no agents/],
    [
      'one agent instead of agents by kind',
      './a.mjs',
      plugin().replace('export default agents', 'export default agents.mine'),
      /export an object of agents by kind/,
    ],
    ['what is no agent', './a.mjs', 'export default { mine: {} };', /mine: the agent has no method start/],
    [
      'an export that throws when it is read',
      './a.mjs',
      'export default { get mine() { throw new Error("not yet"); } };',
      /what it exports cannot be read: not yet/,
    ],
    [
      'an agent that throws when it is looked at',
      './a.mjs',
      'export default { mine: { get start() { throw new Error("not now"); } } };',
      /what it exports cannot be read: not now/,
    ],
    ['a built-in kind', './a.mjs', plugin(undefined, 'claude'), /the kind "claude" is built in/],
  ])('%s', async (_, specifier, text, message) => {
    await files({ 'config/config.yaml': config(specifier), 'config/a.mjs': text });
    const { code, out } = await cli('plan', 'group.yaml', '--json');
    const error = JSON.parse(out);
    expect({ code, error: error.code }).toEqual({ code: 2, error: 'plugin_failed' });
    expect(error.message).toMatch(message);
    expect(error.hint).toContain(`It is listed under plugins in ${join(folder, 'config/config.yaml')}`);
    // doctor tells it and goes on.
    const doctor = await cli('doctor');
    expect(doctor.out).toMatch(/✗ plugins +the plugin /);
    expect(doctor.out).toMatch(/✓ node /);
  });

  test('one that names plugins, and that another user may have written', async () => {
    await files({ 'config/config.yaml': config('./a.mjs'), 'config/a.mjs': plugin() });
    const file = join(folder, 'config/config.yaml');
    const refused = async (why: string) => {
      const { code, err } = await cli('plan', 'group.yaml');
      expect(code).toBe(2);
      expect(err).toContain(`it names plugins, which are code, and ${why}`);
      expect(existsSync(join(folder, 'config/loaded'))).toBe(false);
    };
    await chmod(file, 0o666);
    await refused('every user may write to it');
    await chmod(file, 0o644);
    if (process.getuid?.() === 0) {
      await chown(file, 12_345, 12_345);
      await refused('belongs to another user');
      await chown(file, 0, 0);
    }
    expect(await cli('plan', 'group.yaml')).toMatchObject({ code: 0 });
  });

  test('a kind that two plugins register', async () => {
    await files({
      'config/config.yaml': config('./a.mjs', './b.mjs'),
      'config/a.mjs': plugin(),
      'config/b.mjs': plugin(),
    });
    const { err } = await cli('plan', 'group.yaml');
    expect(err).toContain('the plugin ./b.mjs: the kind "mine" is already registered by ./a.mjs');
  });
});
