// @module-tag processes
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { projectWithPackage, ROOT } from './built-package.ts';

/** The examples as their readers run them: with the package, under plain node. */
describe('the examples', () => {
  let project: string;
  let folder: string;
  beforeAll(() => {
    project = projectWithPackage();
    folder = mkdtempSync(join(tmpdir(), 'session-groups-examples-'));
  });
  afterAll(() => {
    for (const path of [project, folder]) rmSync(path, { recursive: true, force: true });
  });

  const node = (...args: string[]) => {
    const kept = { SESSION_GROUPS_DATA_DIR: join(folder, 'kept') };
    const env = { ...process.env, ...kept, LC_ALL: 'C.UTF-8', CI: 'true' };
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: project,
      encoding: 'utf8',
      env,
    });
    return { status, stdout, stderr };
  };
  const cli = (...args: string[]) => node('node_modules/session-groups/dist/src/cli/bin.js', ...args);
  const emptyFolder = (name: string) => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  };

  it('embed.mjs runs a group, shows its progress and ends by itself', () => {
    const { status, stdout, stderr } = node('examples/embed.mjs', emptyFolder('embedded'));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('created: 0 of 2, 0.00 USD');
    expect(stdout).toContain('look says: 3 files');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('The group is completed and cost 0.03 USD.');
  });

  it("host-machine.mjs runs the group as a part of the host's own machine", () => {
    const { status, stdout, stderr } = node('examples/host-machine.mjs', emptyFolder('hosted'));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toEqual([
      'release: working',
      'release: publishing',
      'The group is completed; the release is publishing.',
    ]);
  });

  it('testing-node.test.mjs tests a group with node:test', () => {
    const { status, stdout, stderr } = node(
      '--test',
      '--test-reporter=tap',
      'examples/testing-node.test.mjs',
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('# pass 21\n');
  });

  it('testing-vitest.test.mjs tests a group with vitest', () => {
    // It looks for no tests in node_modules, where this project is.
    writeFileSync(join(project, 'vitest.config.mjs'), 'export default { test: { exclude: [] } };\n');
    const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
    const { status, stdout } = node(vitest, 'run', '--root', project, 'examples/testing-vitest.test.mjs');
    expect(stdout).toMatch(/Tests .*21 passed/);
    expect(status).toBe(0);
  });

  it('host-own-agent runs sessions with an agent of its own, in a host and as a plugin of the command line', () => {
    const { status, stdout, stderr } = node('examples/host-own-agent/host.mjs');
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: 'all: 4 words\nlong: 3 words\n',
      stderr: '',
    });

    const settings = join(folder, 'settings');
    mkdirSync(settings);
    const plugin = join(project, 'examples/host-own-agent/agents.mjs');
    writeFileSync(join(settings, 'config.yaml'), `plugins:\n  - ${plugin}\n`);
    vi.stubEnv('SESSION_GROUPS_CONFIG_DIR', settings);
    try {
      const run = cli('run', 'examples/host-own-agent/group.yaml', '--plain');
      expect(run).toMatchObject({ status: 0 });
      expect(run.stdout).toContain('2 sessions: 2 completed');
      expect(cli('doctor').stdout).toMatch(/✓ counter +1\.0\.0/);
    } finally {
      vi.unstubAllEnvs();
    }
    const lines = ['agents.mjs', 'group.yaml', 'host.mjs'].map(
      name => readFileSync(join(ROOT, 'examples/host-own-agent', name), 'utf8').split('\n').length - 1,
    );
    expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(60);
  });

  it('the agent of host-own-agent keeps the rules of the port', () => {
    const suite = 'examples/host-own-agent/conformance.test.mjs';
    const { status, stdout } = node('--test', '--test-reporter=tap', suite);
    expect({ status, failed: stdout.match(/^not ok.*/gm) }).toEqual({ status: 0, failed: null });
    expect(stdout).toContain(
      'ok 1 - counter: AGENT-1 nothing is emitted before the next turn of the event loop',
    );
    expect(stdout).toContain('# pass 6\n'); // it has nothing to interrupt, and never fails
  });

  it('http-service.mjs runs groups for its callers, also those of its last life, and refuses what a group refuses', async () => {
    const place = emptyFolder('service');
    const start = async () => {
      const service = spawn(process.execPath, ['examples/http-service.mjs', place], {
        cwd: project,
        env: { ...process.env, SESSION_GROUPS_DATA_DIR: join(place, 'kept') },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(service, 'close');
      const [line] = await once(service.stdout, 'data');
      return { service, ended, url: String(line).trim() };
    };
    let { service, ended, url } = await start();
    const ask = async (path: string, options?: RequestInit) => {
      const answer = await fetch(`${url}${path}`, options);
      const body = (await answer.json()) as { id: string; status: string };
      return { status: answer.status, body };
    };
    const made = await ask('', { method: 'POST', body: JSON.stringify({ topics: ['bugs', 'typos'] }) });
    expect(made).toMatchObject({ status: 201, body: { id: expect.stringContaining('review-on-request') } });
    const { id } = made.body;
    await vi.waitFor(async () => expect((await ask(`/${id}`)).body.status).toBe('completed'), 20_000);
    expect((await ask('')).body).toMatchObject([{ id, status: 'completed', totalCostUsd: 0.02 }]);
    expect(await ask(`/${id}/stop`, { method: 'POST' })).toMatchObject({ status: 409 });
    expect(await ask('/no-such-group')).toMatchObject({ status: 400, body: { code: 'unknown_group' } });
    expect(await ask('', { method: 'POST', body: '{}' })).toMatchObject({ status: 400 });
    expect(await ask('', { method: 'POST', body: '{"topics":[]}' })).toMatchObject({ status: 400 });

    const more = await ask('', { method: 'POST', body: JSON.stringify({ topics: ['speed'] }) });
    service.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    // What it paused then goes on in the next one.
    ({ service, ended, url } = await start());
    await vi.waitFor(
      async () => expect((await ask(`/${more.body.id}`)).body.status).toBe('completed'),
      20_000,
    );
    service.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  describe('cross-project-refactor', () => {
    let place: string;
    beforeAll(() => {
      place = join(folder, 'refactor');
      const made = node('examples/cross-project-refactor/setup.mjs', place);
      expect(made).toMatchObject({ status: 0, stdout: `${place}\n` });
    });
    const definition = () => join(place, 'group', 'session-groups.yaml');

    it('setup.mjs makes three projects, each a repository of its own whose tests pass', () => {
      for (const name of ['shared-lib', 'gateway', 'web']) {
        expect(existsSync(join(place, name, '.git'))).toBe(true);
        const tests = spawnSync(process.execPath, ['--test'], { cwd: join(place, name) });
        expect(tests.status).toBe(0);
      }
    });

    it('setup.mjs touches no folder that has something in it', () => {
      const again = node('examples/cross-project-refactor/setup.mjs', place);
      expect(again.status).toBe(1);
      expect(again.stderr).toContain('is not empty');
    });

    it('can be planned: three steps in order, the failure path beside them', () => {
      const { status, stdout, stderr } = cli('plan', definition(), '--json');
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(JSON.parse(stdout)).toMatchObject({
        layers: [['shared-lib'], ['gateway', 'web', 'explain-failure'], ['release-notes']],
      });
    });

    it('puts the result of one session into the prompts of the next', () => {
      const { status, stdout } = cli('plan', definition(), '--render');
      expect(status).toBe(0);
      expect(stdout).toContain('The author of the function says: <result of shared-lib>');
      expect(stdout).toContain('Write the entry for version 1.1.0 into CHANGELOG.md');
    });

    it('has a tool that tells where other projects use a word, over the protocol of MCP', () => {
      const request = (id: number, method: string, params: object) =>
        JSON.stringify({ jsonrpc: '2.0', id, method, params });
      const call = (id: number, name: string, word: unknown) =>
        request(id, 'tools/call', { name, arguments: { word } });
      const lines = [
        request(1, 'initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: {} }),
        JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }),
        request(2, 'tools/list', {}),
        call(3, 'find_usages', 'expires'),
        call(4, 'find_usages', 'nowhere to be found'),
        call(5, 'find_usages', 7),
        request(6, 'resources/list', {}),
        'not JSON',
      ];
      const { status, stdout } = spawnSync(process.execPath, ['tools/usages.mjs', 'gateway', 'web'], {
        cwd: join(place, 'shared-lib'),
        encoding: 'utf8',
        input: lines.join('\n'),
      });
      expect(status).toBe(0);
      const answers = stdout
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line));
      expect(answers.map(({ id, error }) => [id, error?.code])).toEqual([
        [1, undefined],
        [2, undefined],
        [3, undefined],
        [4, undefined],
        [5, undefined],
        [6, -32601],
        [null, -32603],
      ]);
      expect(answers[0].result).toMatchObject({ protocolVersion: '2025-06-18', capabilities: { tools: {} } });
      expect(answers[1].result.tools).toMatchObject([{ name: 'find_usages' }]);
      const texts = answers.slice(2, 5).map(({ result }) => result.content[0].text);
      expect(texts[0]).toContain('gateway/src/handle-request.js:4: const [user, expires]');
      expect(texts[0]).toContain('web/src/session.js:4: const [user, expires]');
      expect(texts[0]).not.toContain('shared-lib');
      expect(texts[1]).toBe('No line holds "nowhere to be found".');
      expect(answers[4].result.isError).toBe(true);
    });

    it('can be rehearsed without a model', () => {
      const { status, stdout } = cli('run', definition(), '--scripted', '--json');
      expect(status).toBe(0);
      expect(lastLine(stdout)).toMatchObject({
        status: 'completed',
        sessions: { 'explain-failure': { status: 'skipped', reason: 'not_needed' } },
      });
    });

    it('delivers as demo.yaml says: merged in order, into a branch of the user only when asked', () => {
      const git = (name: string, ...args: string[]) =>
        spawnSync('git', ['-C', join(place, name), ...args], { encoding: 'utf8' }).stdout;
      const names = ['shared-lib', 'gateway', 'web'];
      const users = () =>
        names.map(name => [git(name, 'rev-parse', 'HEAD'), git(name, 'status', '--porcelain')]);
      const before = users();
      const { status, stdout } = cli('run', join(place, 'group', 'demo.yaml'), '--json');
      expect(status).toBe(0);
      const events = stdout
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line));
      const merges = events
        .filter(({ type }) => type === 'session_integrated')
        .map(({ sessionId }) => sessionId);
      expect(merges.sort()).toEqual(['docs', 'gateway', 'release-notes', 'shared-lib', 'web']);
      expect(users()).toEqual(before);

      const { groupId } = events.at(-1);
      const branch = git('gateway', 'branch', '--show-current').trim();
      expect(cli('group', 'integrate', groupId, '--into', branch, '--dry-run').status).toBe(0);
      expect(users()).toEqual(before);
      expect(cli('group', 'integrate', groupId, '--into', branch).status).toBe(0);
      for (const name of names) {
        expect(git(name, 'rev-parse', 'HEAD')).toBe(
          git(name, 'rev-parse', `session-groups/${groupId}/_merged`),
        );
        expect(spawnSync(process.execPath, ['--test'], { cwd: join(place, name) }).status).toBe(0);
      }
      expect(readFileSync(join(place, 'gateway', 'src', 'handle-request.js'), 'utf8')).toContain('readToken');
    });

    it('does not run from within the checkout', () => {
      const { status, stderr } = cli('plan', 'examples/cross-project-refactor/session-groups.yaml');
      expect(status).toBe(2);
      expect(stderr).toContain('projectPath');
    });
  });

  it('inspect.mjs draws the chart and tells how the group goes through it', () => {
    const { status, stdout, stderr } = node('examples/inspect.mjs', emptyFolder('inspected'));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('stateDiagram-v2');
    const told = stdout
      .trimEnd()
      .split('\n')
      .filter(line => /^(group|a): /.test(line));
    expect(told).toEqual(
      expect.arrayContaining(['group: running', 'a: working', 'a: retrying', 'a: completed']),
    );
    expect(told.at(-1)).toBe('a: completed');
  });

  it.each([
    ['embedding.md', 'embed.mjs'],
    ['statechart.md', 'inspect.mjs'],
  ])('docs/%s shows the very text of %s', (page, name) => {
    const shown = readFileSync(join(ROOT, 'docs', page), 'utf8');
    expect(shown).toContain(`\`\`\`js\n${readFileSync(join(ROOT, 'examples', name), 'utf8')}\`\`\``);
  });
});

function lastLine(text: string): unknown {
  return JSON.parse(text.trimEnd().split('\n').at(-1) ?? '');
}
