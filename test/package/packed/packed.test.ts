import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { hostPrograms } from '../../examples/hosts.ts';
import budgets from '../budgets.json' with { type: 'json' };

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Names that the examples and the README use, by entry. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'session-groups': ['createSessionGroup', 'createGroupMachine', 'loadDefinition', 'planGroup', 'toMermaid'],
  'session-groups/machines': ['groupMachine', 'sessionMachine', 'budgetMachine', 'quotaMachine'],
  'session-groups/testing': [
    'agentConformance',
    'createPuppetAgent',
    'createScriptedAgent',
    'memoryProjectGate',
    'SimulatedClock',
    'testGroupLifecycle',
  ],
};

/** From the folder of a project that has installed it. */
const BIN = join('node_modules', 'session-groups', 'dist', 'src', 'cli', 'bin.js');

const TEMPLATES = ['code-review', 'fix-failing-tests', 'implement-feature', 'update-docs', 'write-tests'];

/** Paths from the root of the repository. */
const filesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map(name => join(folder, name))
    .filter(path => statSync(join(ROOT, path)).isFile());

/** A group of one session that does nothing. */
const SMALL = {
  version: 1,
  name: 'small',
  config: { agent: { kind: 'scripted', steps: [{ result: 'done' }] } },
  sessions: [{ id: 'a', projectPath: '.', prompt: 'x' }],
};

/** A TypeScript host that uses a type of every entry; it must compile. */
const HOST = `
import { createSessionGroup, toMermaid, type GroupEvent, type GroupProgress, type SessionGroupInput } from 'session-groups';
import { groupMachine, type GroupStatus } from 'session-groups/machines';
import { agentConformance, createPuppetAgent, SimulatedClock, testGroupLifecycle } from 'session-groups/testing';
import schema from 'session-groups/schema.json' with { type: 'json' };

const definition: SessionGroupInput = {
  version: 1,
  name: 'typed',
  sessions: [{ id: 'a', projectPath: '.', prompt: 'x', agent: { kind: 'scripted', steps: [{ result: 'y' }] } }],
};
const group = await createSessionGroup(definition);
group.events$.subscribe((event: GroupEvent) => event.type === 'session_failed' && event.error.code);
group.progress$.subscribe((progress: GroupProgress) => progress.totalCostUsd.toFixed(2));
const status: GroupStatus = (await group.run()).status;
await group.dispose();
// @ts-expect-error no such trigger
const wrong: SessionGroupInput = { ...definition, sessions: [{ id: 'a', projectPath: '.', prompt: 'x', trigger: 'most' }] };
export const all: unknown[] = [status, wrong, toMermaid(groupMachine), agentConformance, SimulatedClock, schema];
const puppet = createPuppetAgent({ kind: 'claude', capabilities: { approvals: false } });
export const tested = async (): Promise<readonly string[]> => (await testGroupLifecycle(definition)).neverStarting;
export const spent = async () => (await puppet.started('a')).costs(0.5);
`;

describe('the published package', () => {
  let project: string;
  const packed = inject('packed');
  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'session-groups-packed-'));
    writeFileSync(join(project, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }\n');
    const install = ['install', '--no-audit', '--no-fund', '--loglevel=error', packed.archive];
    execFileSync('npm', install, { cwd: project, stdio: ['ignore', 'ignore', 'inherit'] });
    cpSync(join(ROOT, 'examples'), join(project, 'examples'), { recursive: true });
  });
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  const run = (program: string, ...args: string[]) => {
    const kept = { SESSION_GROUPS_DATA_DIR: join(project, 'kept') };
    const env = { ...process.env, ...kept, LC_ALL: 'C.UTF-8', CI: 'true' };
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: project, encoding: 'utf8', env });
    return { status, stdout, stderr };
  };
  const cli = (...args: string[]) => run(join('node_modules', '.bin', 'session-groups'), ...args);
  const evaluate = (script: string) => run(process.execPath, '--input-type=module', '-e', script);

  it('contains what is needed to run it, and nothing else', () => {
    const paths = packed.files.map(({ path }) => path);
    const other = paths.filter(path => !/^dist\/(src|machines)\/.*(?<!\.test)\.(js|d\.ts)$/.test(path));
    const templates = TEMPLATES.map(name => `templates/${name}.md`);
    const documents = readdirSync(join(ROOT, 'docs')).filter(name => /[.](md|svg)$/.test(name));
    const example = filesIn(join('examples', 'cross-project-refactor'));
    const page = other.filter(path => path.startsWith('dist/src/serve/page/'));
    expect(page).toContain('dist/src/serve/page/index.html');
    expect(page.every(path => /[.](html|css|svg)$/.test(path))).toBe(true);
    expect(other.filter(path => !page.includes(path)).sort()).toEqual([
      ...[
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'SECURITY.md',
        'dist/src/cli/bundle/LICENSES.txt',
        ...documents.sort().map(name => `docs/${name}`),
        ...example.sort(),
        'package.json',
        'schema.json',
      ],
      ...templates,
    ]);
    expect(paths).toContain('dist/src/cli/bin.js');
  });

  it('has whatever its README links to', () => {
    const paths = packed.files.map(({ path }) => path);
    const links = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter(link => !link.startsWith('https:'));
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter(link => !paths.includes(link.split('#')[0] ?? ''))).toEqual([]);
  });

  it('stays within its budget of files and bytes', () => {
    expect(packed.files.length).toBeLessThanOrEqual(budgets.packedFiles);
    expect(packed.size).toBeLessThanOrEqual(budgets.packedBytes);
  });

  it.each(Object.entries(VALUES))('%s can be imported, and exports the documented names', (entry, names) => {
    const { status, stdout, stderr } = evaluate(
      `console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(entry)}))))`,
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual(expect.arrayContaining([...names]));
  });

  it('does not expose unlisted modules', () => {
    const { status, stderr } = evaluate(`await import('session-groups/dist/src/sdk/group/runner.js')`);
    expect(status).not.toBe(0);
    expect(stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  // XState's own declarations fail under exactOptionalPropertyTypes; ours must not.
  it.each([
    ['strict', []],
    ['with exact optional properties', ['--exactOptionalPropertyTypes', '--skipLibCheck']],
  ])('has types that a host compiles against, and that reject errors: %s', (_, more) => {
    mkdirSync(join(project, 'typed'), { recursive: true });
    writeFileSync(join(project, 'typed', 'host.ts'), HOST);
    const options = ['--ignoreConfig', '--noEmit', '--strict', '--target', 'es2023', ...more];
    const modules = ['--module', 'nodenext', '--resolveJsonModule', '--types', 'node'];
    const roots = ['--typeRoots', join(ROOT, 'node_modules', '@types')];
    const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
    const compiled = run(tsc, ...options, ...modules, ...roots, join('typed', 'host.ts'));
    expect(compiled).toMatchObject({ status: 0, stdout: '' });
  });

  it('includes the JSON Schema of definitions for editors', () => {
    const schema = JSON.parse(readFileSync(join(project, 'node_modules/session-groups/schema.json'), 'utf8'));
    expect(schema).toMatchObject({ properties: { version: {}, name: {}, sessions: {} } });
  });

  it('installs no development dependency', () => {
    for (const name of ['vitest', 'typescript', 'knip']) {
      expect(existsSync(join(project, 'node_modules', name))).toBe(false);
    }
  });

  describe('its command line', () => {
    it('prints its version', () => {
      const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
      expect(cli('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
    });

    /** The files of the package, and of what it needs, that a command loads, by their paths from node_modules. */
    const loadedBy = (command: string, env: Readonly<Record<string, string>> = {}): string[] => {
      const coverage = mkdtempSync(join(project, 'coverage-'));
      writeFileSync(join(project, 'small.json'), JSON.stringify(SMALL));
      const [verb, ...options] = command.split(' ');
      const needsFile = verb === 'plan' || verb === 'run';
      const args = [String(verb), ...(needsFile ? ['small.json'] : []), ...options];
      const variables = Object.entries({ ...env, NODE_V8_COVERAGE: coverage }).map(pair => pair.join('='));
      const { status } = run('env', ...variables, process.execPath, BIN, ...args);
      expect(status).toBe(0);
      const perProcess = readdirSync(coverage).map(name => {
        const { result } = JSON.parse(readFileSync(join(coverage, name), 'utf8'));
        const urls: string[] = result.map(({ url }: { url: string }) => url);
        return urls.filter(url => url.startsWith('file:')).map(url => fileURLToPath(url));
      });
      return perProcess.reduce((most, files) => (files.length > most.length ? files : most), []);
    };
    const kilobytes = (files: readonly string[]) =>
      files.reduce((sum, file) => sum + statSync(file).size, 0) / 1_000;
    const BUNDLE = join('src', 'cli', 'bundle');

    it.each(Object.entries(budgets.loadedByCommand))(
      '%s loads no more files and bytes than its budget',
      (command, most) => {
        const files = loadedBy(command);
        expect(files.length).toBeGreaterThan(1); // the measurement works
        expect(files.length).toBeLessThanOrEqual(most.files);
        expect(kilobytes(files)).toBeLessThanOrEqual(most.kilobytes);
        expect(files.filter(file => !file.includes(join('session-groups', 'dist')))).toEqual([]);
      },
    );

    // With --debug it runs module by module, which shows what a command imports.
    it.each(Object.entries(budgets.loadedByCommand))(
      '%s imports no more modules than its budget',
      (command, most) => {
        const files = loadedBy(command === '--version' ? command : `${command} --debug`);
        expect(files.filter(file => file.includes(BUNDLE))).toEqual([]);
        expect(files.length).toBeLessThanOrEqual(most.modules);
        expect(files.filter(file => file.includes(join('src', 'fleet')))).toEqual([]);
        if (command !== '--help') return;
        expect(files.filter(file => /node_modules[/](zod|xstate|yaml|rxjs)[/]/.test(file))).toEqual([]);
      },
    );

    it('is bundled with the licences of the packages that the bundle contains', () => {
      const folder = join(project, 'node_modules', 'session-groups', 'dist', BUNDLE);
      const licences = readFileSync(join(folder, 'LICENSES.txt'), 'utf8');
      const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
      const named = Object.keys(dependencies).filter(name => licences.includes(`\n${name} `));
      expect(named).toEqual(Object.keys(dependencies));
      expect(
        licences.match(/Permission is hereby granted|Apache License|Redistribution and use/g)?.length,
      ).toBeGreaterThan(15);
    });

    it('is one copy of the package, together with the plugins that import it', () => {
      const settings = join(project, 'settings');
      mkdirSync(settings, { recursive: true });
      const plugin = join(project, 'examples', 'host-own-agent', 'agents.mjs');
      writeFileSync(join(settings, 'config.yaml'), `plugins: [${JSON.stringify(plugin)}]\n`);
      const files = loadedBy('run', { SESSION_GROUPS_CONFIG_DIR: settings });
      expect(files).toContain(plugin);
      expect(files.filter(file => file.endsWith(join('sdk', 'errors.js')))).toHaveLength(1);
      const bundled = files.filter(file => file.includes(BUNDLE)).map(file => basename(file));
      expect(bundled.map(name => name.replace(/-.*/, '')).sort()).toEqual(bundledForHelp());
      const group = join('examples', 'host-own-agent', 'group.yaml');
      const ran = run('env', `SESSION_GROUPS_CONFIG_DIR=${settings}`, process.execPath, BIN, 'run', group);
      expect(ran).toMatchObject({ status: 0, stdout: expect.stringContaining('2 sessions: 2 completed') });
    });

    /** What decides whether there are plugins; nothing of it then runs. */
    const bundledForHelp = () =>
      loadedBy('--help')
        .filter(file => file.includes(BUNDLE))
        .map(file => basename(file).replace(/-.*/, ''))
        .sort();

    it('finds its built-in templates', () => {
      const { status, stdout, stderr } = cli('template', 'list', '--json');
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const listed = stdout
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line));
      expect(listed.map(({ name, from }) => [name, from])).toEqual(TEMPLATES.map(name => [name, 'shipped']));
      expect(listed[0].file).toContain(join('node_modules', 'session-groups', 'templates'));
      const rendered = cli('template', 'render', 'implement-feature', '--var', 'feature=THE FEATURE');
      expect(rendered).toMatchObject({ status: 0, stderr: '' });
      expect(rendered.stdout).toContain('\nTHE FEATURE\n');
    });

    it('writes a definition, plans it and rehearses it', () => {
      expect(cli('init')).toMatchObject({ status: 0 });
      const planned = cli('plan', 'session-groups.yaml');
      expect(planned.status).toBe(0);
      expect(planned.stderr).toMatch(/^$|^warning agent_not_ready /); // Claude Code may be missing here
      expect(cli('run', 'session-groups.yaml', '--scripted')).toMatchObject({ status: 0 });
    });

    it('plans and runs the demo: work in three repositories, a retry, a skip, the amounts of its script', () => {
      const place = join(project, 'place');
      expect(run(process.execPath, 'examples/cross-project-refactor/setup.mjs', place)).toMatchObject({
        status: 0,
      });
      const file = join(place, 'group', 'demo.yaml');
      expect(cli('plan', file)).toMatchObject({ status: 0, stderr: `Next: session-groups run ${file}\n` });
      const { status, stdout, stderr } = cli('run', file, '--json');
      expect({ status, stderr }).toEqual({
        status: 0,
        stderr: expect.stringMatching(/^What it merged is in .*\n$/),
      });
      expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
        type: 'result',
        status: 'completed',
        totalCostUsd: 0.26,
        sessions: { web: { status: 'completed', attempts: 2 }, 'explain-failure': { status: 'skipped' } },
      });
      // What was done is in the group's branches; the user's stand where they stood.
      const { groupId } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
      const git = (name: string, ...args: string[]) => run('git', '-C', join(place, name), ...args).stdout;
      const merged = `session-groups/${groupId}/_merged`;
      expect(git('shared-lib', 'show', `${merged}:CHANGELOG.md`)).toContain('1.1.0');
      for (const name of ['shared-lib', 'gateway', 'web']) {
        expect(git(name, 'ls-tree', '-r', '--name-only', merged)).toMatch(/^src\/(auth|read-token)\.js$/m);
        expect(git(name, 'log', '--format=%s', 'HEAD')).toBe('Start\n');
        expect(git(name, 'status', '--porcelain')).toBe('');
      }
    });

    it('refuses an invalid definition with exit code 2', () => {
      writeFileSync(join(project, 'wrong.yaml'), 'version: 1\nname: x\nsessions: []\n');
      expect(cli('run', 'wrong.yaml')).toMatchObject({ status: 2, stdout: '' });
    });
  });

  it.each(['embed.mjs', 'host-machine.mjs'])('runs examples/%s', name => {
    expect(run(process.execPath, join('examples', name), project)).toMatchObject({ status: 0, stderr: '' });
  });

  it('tests a group with node:test and with vitest, as its examples do', () => {
    const byNode = run(
      process.execPath,
      '--test',
      '--test-reporter=tap',
      join('examples', 'testing-node.test.mjs'),
    );
    expect(byNode).toMatchObject({ status: 0, stdout: expect.stringContaining('# pass 21\n') });
    const linked = join(project, 'node_modules', 'vitest');
    symlinkSync(join(ROOT, 'node_modules', 'vitest'), linked);
    const vitest = join(linked, 'vitest.mjs');
    const byVitest = run(process.execPath, vitest, 'run', join('examples', 'testing-vitest.test.mjs'));
    rmSync(linked);
    expect(byVitest).toMatchObject({ status: 0, stdout: expect.stringMatching(/Tests .*21 passed/) });
  });

  describe('the host programs', () => hostPrograms(() => ({ project })));

  describe('its server', () => {
    const PEERS = ['hono', '@hono/node-server', '@dagrejs/dagre'];
    const peers = () => PEERS.map(name => existsSync(join(project, 'node_modules', name)));

    it('reports the missing packages by name without them; nothing else needs them', () => {
      expect(peers()).toEqual([false, false, false]);
      const served = cli('serve');
      expect(served).toMatchObject({ status: 2, stdout: '' });
      expect(served.stderr).toContain(`npm install ${PEERS.join(' ')}`);
      expect(cli('run', 'session-groups.yaml', '--scripted', '--web')).toMatchObject({
        status: 2,
        stdout: '',
      });
      expect(evaluate(`await import('session-groups/serve')`).stderr).toMatch(/Cannot find package '@?hono/);
    });

    it('serves the page and the API once they are installed', () => {
      const versions = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).peerDependencies;
      const wanted = PEERS.map(name => `${name}@${versions[name]}`);
      const install = ['install', '--no-audit', '--no-fund', '--loglevel=error', ...wanted];
      expect(run('npm', ...install)).toMatchObject({ status: 0 });
      expect(peers()).toEqual([true, true, true]);
      const { status, stdout, stderr } = evaluate(`
        import { createFileStore } from 'session-groups';
        import { createGroupServer } from 'session-groups/serve';
        const server = await createGroupServer({ store: createFileStore({ dataDir: 'served' }) });
        const headers = { authorization: 'Bearer ' + server.token, 'content-type': 'application/json' };
        const api = async (path, body) => (await fetch(server.url + 'api/v1' + path, { headers, ...body })).json();
        const sessions = ['a', 'b'].map((id, at) => ({ id, projectPath: '.', prompt: 'x', dependsOn: at ? ['a'] : [] }));
        const definition = { version: 1, name: 'served', config: { agent: 'scripted' }, sessions };
        const post = { method: 'POST', body: JSON.stringify({ definition }) };
        const { groupId } = await api('/groups', post);
        const { result } = await api('/groups/' + groupId + '/run?wait=true', { method: 'POST', body: '{}' });
        const { graph } = await api('/groups/' + groupId);
        const page = await (await fetch(server.url)).text();
        console.log(JSON.stringify([result.status, graph.edges.length, page.slice(0, 15).toLowerCase()]));
        await server.close();
      `);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(JSON.parse(stdout)).toEqual(['completed', 1, '<!doctype html>']);
    });
  });

  it('reports by name the packages of a fleet that are missing; nothing else needs them', () => {
    const worker = cli('worker', '--redis', 'redis://127.0.0.1:1');
    expect(worker).toMatchObject({ status: 2, stdout: '' });
    expect(worker.stderr).toContain('npm install bullmq ioredis');
    expect(evaluate(`await import('session-groups/bullmq')`).stderr).toMatch(
      /Cannot find package '(bullmq|ioredis)'/,
    );
  });

  // The Node that runs these tests is the oldest supported one.
  describe.each(['22.23.3', '24.21.0'])('on Node %s', version => {
    let node: string;
    let place: string;
    beforeAll(() => {
      const script = join(ROOT, 'scripts', 'ensure-node.mjs');
      node = execFileSync(process.execPath, [script, version], { encoding: 'utf8' }).trim();
      place = join(project, `place-${version}`);
      run(node, 'examples/cross-project-refactor/setup.mjs', place);
    });
    const cliThere = (...args: string[]) => run(node, BIN, ...args);

    it('plans and runs the demo', () => {
      expect(run(node, '--version').stdout).toBe(`v${version}\n`);
      const file = join(place, 'group', 'demo.yaml');
      const next = `Next: session-groups run ${file}\n`;
      expect(cliThere('plan', file)).toMatchObject({ status: 0, stderr: next });
      const { status, stdout, stderr } = cliThere('run', file, '--json');
      expect({ status, stderr }).toEqual({
        status: 0,
        stderr: expect.stringMatching(/^What it merged is in .*\n$/),
      });
      const result = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
      expect(result).toMatchObject({ type: 'result', status: 'completed', totalCostUsd: 0.26 });
      expect(cliThere('group', 'show', result.groupId, '--json')).toMatchObject({ status: 0, stderr: '' });
    });

    it('runs programs, retries a failed session and deletes the group', () => {
      mkdirSync(join(place, 'programs'), { recursive: true });
      const flag = join(place, 'programs', 'flag');
      const command = `['sh', '-c', 'test -e ${flag} && echo fine']`;
      writeFileSync(
        join(place, 'programs.yaml'),
        `version: 1\nname: Programs\nsessions:\n  - { id: a, projectPath: programs, prompt: x, retry: { maximumAttempts: 1 }, agent: { kind: command, command: ${command} } }\n`,
      );
      const first = cliThere('run', join(place, 'programs.yaml'), '--json');
      const { groupId } = JSON.parse(first.stdout.trimEnd().split('\n').at(-1) ?? '');
      expect(first.status).toBe(1);
      writeFileSync(flag, '');
      expect(cliThere('group', 'retry', groupId)).toMatchObject({ status: 0 });
      expect(cliThere('session', 'logs', groupId, 'a').stdout).toContain('fine');
      expect(cliThere('group', 'delete', groupId, '--force')).toMatchObject({ status: 0 });
    });

    describe('the host programs', () => hostPrograms(() => ({ project, node })));

    it.each(['embed.mjs', 'host-machine.mjs'])('runs examples/%s', name => {
      expect(run(node, join('examples', name), project)).toMatchObject({ status: 0, stderr: '' });
    });
  });
});
