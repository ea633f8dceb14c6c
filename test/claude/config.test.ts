import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type GroupBench, groupBench } from '../support/group-bench.ts';
import { contentOf, filesBelow } from '../support/live-folder.ts';
import { startMcpHttp } from '../support/mcp-http.ts';
import { text, toolUse } from '../support/messages-api/answers.ts';
import { lastUserText } from '../support/messages-api/request.ts';

const SERVER = fileURLToPath(new URL('../fixtures/programs/mcp-server.mjs', import.meta.url));

let bench: GroupBench;
beforeEach(async () => {
  bench = await groupBench();
});
afterEach(async () => {
  expect(bench.api.failures).toEqual([]);
  await bench.close();
});

/** The body of the nth main request. */
const sent = (index: number) => bench.api.mainRequests.at(index)?.body;
const system = (index: number) => JSON.stringify(sent(index)?.system);
const messages = (index: number) => JSON.stringify(sent(index)?.messages);

/** Makes the model stop answering; resolves at its next request. */
function silentOnceAsked(): Promise<void> {
  return new Promise(resolve => {
    bench.api.answerWith(({ side }) => {
      if (side) return undefined;
      resolve();
      return { kind: 'silence' };
    });
  });
}

describe('generated configuration, with the real client', () => {
  it('sends instructions, the prompt and the result of the previous session, to no other session', async () => {
    const [lib, web] = [bench.repository('lib'), bench.repository('web')];
    bench.api.answerWith(({ body, side }) =>
      side
        ? undefined
        : text(lastUserText(body).includes('task-lib') ? 'RESULT @/etc/hostname `{{ x }}`' : 'ok'),
    );
    const { group, all } = await bench.create({
      name: 'instructions',
      sessions: [
        { id: 'lib', projectPath: lib, prompt: 'task-lib' },
        {
          id: 'web',
          projectPath: web,
          prompt: 'task-web',
          dependsOn: ['lib'],
          variables: { style: 'short <% lines %>' },
          config: { claudeMdTemplate: "Style: {{ style }}. Before: {{ sessions['lib'].result }}" },
        },
      ],
    });
    expect((await group.run()).status).toBe('completed');
    expect(system(0)).not.toContain('session group');
    expect(system(1)).toContain('Style: short <% lines %>. Before: RESULT @/etc/hostname `{{ x }}`');
    expect(system(1)).toContain('# Instructions of the session group \\"instructions\\" for its session web');
    expect(JSON.stringify(sent(1))).not.toContain(readFileSync('/etc/hostname', 'utf8').trim());
    expect(all('config_generated')).toMatchObject([
      { sessionId: 'web', files: ['CLAUDE.md'], hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
  });

  it('starts MCP servers over stdio and HTTP, and allows their tools', async () => {
    const http = await startMcpHttp();
    try {
      bench.api.enqueue(
        toolUse('mcp__facts__tell', { about: 'it' }),
        toolUse('mcp__finder__find', {}),
        text('done'),
      );
      const { group } = await bench.create(
        {
          name: 'servers',
          config: { permissions: { onRequest: 'fail' } },
          sessions: [
            {
              id: 'a',
              projectPath: bench.repository('a'),
              prompt: 'go',
              envPolicy: 'allowlist',
              env: { TAKEN: 'by the session' },
              mcpServers: {
                facts: {
                  command: 'node',
                  args: [SERVER, '${PLAIN}', 'x${UNSET:-default}', '$${PLAIN}', '${TAKEN}'],
                  env: { FACT: '${SECRET}/${EMPTY:-none}' },
                },
                finder: {
                  type: 'http',
                  url: '${URL}',
                  headers: { 'X-Key': 'Bearer ${KEY}', 'X-Own': 'mine' },
                },
              },
            },
          ],
        },
        {
          env: {
            ...bench.env,
            PLAIN: 'plain',
            SECRET: 'value ${PLAIN} $1',
            KEY: 'the key',
            EMPTY: '',
            TAKEN: 'of the host',
            URL: http.url,
          },
        },
      );
      expect((await group.run()).status).toBe('completed');
      expect(messages(1)).toContain(
        'I know: it | plain | xdefault | ${PLAIN} | of the host | value ${PLAIN} $1/none',
      );
      expect(messages(2)).toContain('found');
      expect(http.headers.at(-1)).toMatchObject({ 'x-key': 'Bearer the key', 'x-own': 'mine' });
    } finally {
      await http.close();
    }
  });

  it("applies permission rules and the group's commands, and reports an MCP server that did not start", async () => {
    const project = bench.repository('a');
    writeFileSync(join(project, 'secret.txt'), 'the secret');
    mkdirSync(join(bench.folder, 'shared-config/commands'), { recursive: true });
    writeFileSync(
      join(bench.folder, 'shared-config/settings.json'),
      JSON.stringify({ permissions: { deny: ['Read(./secret.txt)'] } }),
    );
    writeFileSync(join(bench.folder, 'shared-config/commands/review.md'), 'Review $ARGUMENTS with care.\n');
    bench.api.enqueue(toolUse('Read', { file_path: join(project, 'secret.txt') }), text('done'));
    const { group, all } = await bench.create(
      {
        name: 'settings',
        config: { permissions: { onRequest: 'deny' } },
        sessions: [
          {
            id: 'a',
            projectPath: project,
            prompt: '/group:review the code',
            config: { generateSettings: true, generateCommands: true },
            mcpServers: { broken: { command: '/no/such/program' } },
          },
        ],
      },
      { baseDir: bench.folder },
    );
    expect((await group.run()).status).toBe('completed');
    expect(messages(0)).toContain('Review the code with care.');
    expect(messages(1)).toContain('denied by your permission settings');
    expect(messages(1)).not.toContain('the secret');
    expect(all('session_warning')).toMatchObject([
      { sessionId: 'a', message: 'MCP server broken did not start' },
    ]);
  });

  it("runs nothing of an untrusted project, but passes its CLAUDE.md, and does not touch the user's config folder", async () => {
    const project = bench.repository('hostile');
    const trap = (name: string) => join(bench.folder, name);
    mkdirSync(join(project, '.claude'));
    writeFileSync(join(project, 'CLAUDE.md'), 'Here we indent by three. @../outside.md');
    writeFileSync(join(bench.folder, 'outside.md'), 'OUTSIDE');
    writeFileSync(
      join(project, '.mcp.json'),
      JSON.stringify({ mcpServers: { evil: { command: 'touch', args: [trap('mcp')] } } }),
    );
    writeFileSync(
      join(project, '.claude/settings.json'),
      JSON.stringify({
        hooks: { SessionStart: [{ hooks: [{ type: 'command', command: `touch ${trap('hook')}` }] }] },
      }),
    );
    const config = join(bench.folder, 'config');
    writeFileSync(join(config, 'settings.json'), '{"model":"sonnet"}');
    writeFileSync(join(config, '.credentials.json'), '{"kept":true}');
    const before = hashes(config);
    const session = {
      id: 'a',
      projectPath: project,
      prompt: 'go',
      config: { settingsOverride: { env: { A: 'b' } } },
    };
    const sprung = () => [existsSync(trap('mcp')), existsSync(trap('hook'))];
    bench.api.answerWith(async ({ side }) => {
      if (!side) await vi.waitFor(() => expect(sprung()).toEqual([true, true]), 60_000);
      return undefined;
    });
    const trusting = await bench.create({ name: 'trusting', sessions: [session] });
    expect((await trusting.group.run()).status).toBe('completed');
    expect(sprung()).toEqual([true, true]); // without protection, both run
    rmSync(trap('mcp'));
    rmSync(trap('hook'));
    bench.api.reset();
    bench.api.enqueue(toolUse('mcp__facts__tell', { about: 'the trap' }), text('done'));
    const { group } = await bench.create({
      name: 'wary',
      config: { settingSources: ['user'] },
      sessions: [{ ...session, mcpServers: { facts: { command: 'node', args: [SERVER] } } }],
    });
    expect((await group.run()).status).toBe('completed');
    expect(sprung()).toEqual([false, false]);
    expect(system(0)).toContain('Here we indent by three. @../outside.md');
    expect(JSON.stringify(sent(0))).not.toContain('OUTSIDE');
    expect(messages(1)).toContain('I know: the trap');
    expect(hashes(config)).toMatchObject(before);
    expect(readdirSync(project).sort()).toEqual(['.claude', '.git', '.mcp.json', 'CLAUDE.md']);
  });

  it('resumes with the current instructions after an untrusted project changed its own, and says so', async () => {
    const project = bench.repository('changing');
    writeFileSync(join(project, 'CLAUDE.md'), 'OLD RULES');
    const { group, all } = await bench.create({
      name: 'changed',
      config: { settingSources: ['user'] },
      sessions: [{ id: 'a', projectPath: project, prompt: 'go' }],
    });
    const pausedOnceAsked = async (start: () => Promise<unknown>) => {
      const asked = silentOnceAsked();
      const work = start();
      await asked;
      await group.pause();
      await work;
    };
    await pausedOnceAsked(() => group.run());
    expect(system(-1)).toContain('OLD RULES');
    writeFileSync(join(project, 'CLAUDE.md'), 'NEW RULES');
    await pausedOnceAsked(() => group.resume());
    expect(system(-1)).toContain('NEW RULES');
    bench.api.answerWith(({ side }) => (side ? undefined : text('done')));
    expect((await group.resume()).status).toBe('completed');
    expect(system(-1)).toContain('NEW RULES');
    expect(system(-1)).not.toContain('OLD RULES');
    expect(new Set(all('config_generated').map(event => event.hash)).size).toBe(2);
    expect(all('config_generated')).toHaveLength(2);
  });

  it('has a config folder of its own, from which a paused conversation resumes', async () => {
    const users = join(bench.folder, 'config');
    writeFileSync(join(users, 'CLAUDE.md'), 'MEMORY OF THE USER');
    const before = hashes(users);
    const { group } = await bench.create({
      name: 'isolated',
      sessions: [
        {
          id: 'a',
          projectPath: bench.repository('a'),
          prompt: 'go',
          isolateConfigDir: true,
          config: { claudeMdTemplate: 'Mind {{ group.name }}.' },
        },
      ],
    });
    const asked = silentOnceAsked();
    const run = group.run();
    await asked;
    await group.pause();
    expect((await run).status).toBe('paused');
    bench.api.answerWith(({ side }) => (side ? undefined : text('done')));
    expect((await group.resume()).status).toBe('completed');
    expect(messages(-1)).toContain('go');
    expect(messages(-1)).toContain('Continue where you left off');
    expect(system(-1)).toContain('Mind isolated.');
    expect(JSON.stringify(bench.api.requests.map(request => request.body))).not.toContain(
      'MEMORY OF THE USER',
    );
    expect(hashes(users)).toEqual(before);
  });
});

/** SHA-256 of every file of a folder, by path. */
function hashes(folder: string): Record<string, string> {
  return Object.fromEntries(
    filesBelow(folder).map(file => {
      const content = contentOf(file) ?? 'gone';
      return [file.slice(folder.length + 1), createHash('sha256').update(content).digest('hex')];
    }),
  );
}
