// @module-tag processes
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSessionGroup, openSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import type { SessionGroupOptions } from '../../../../src/sdk/group/api/options.ts';
import { LONGEST_RESULT_BYTES } from '../../../../src/sdk/group/document/cut-text.ts';
import { MAX_FILES } from '../../../../src/sdk/group/journal/stored-result.ts';
import type { SessionGroupInput } from '../../../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';
import { createFileStore } from '../../../../src/store/file-store.ts';
import { type Watched, watchGroup } from '../../../support/group-bench.ts';
import { type Repository, repository } from '../../../support/repository.ts';
import { done, type Reply, TalkingAgent } from '../../../support/talking-agent.ts';

const SOON = { retry: { initialInterval: 1, maximumInterval: 1 } };
const COUNT = { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] };

let folder: string;
let repo: Repository;
const open: Watched[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'results-'));
  repo = repository(join(folder, 'project'));
  repo.write('there.txt', 'there\n');
  repo.write('gone.txt', 'gone\n');
  repo.commit();
});
afterEach(async () => {
  for (const { group } of open.splice(0)) await group.dispose();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const options = (): SessionGroupOptions => ({ projects: memoryProjectGate(), env: process.env });
const kept = () => createFileStore({ dataDir: join(folder, 'data') });
const command = (script: string) => ({
  kind: 'command' as const,
  command: ['sh', '-c', script] as [string, ...string[]],
});
/** An agent whose result is its prompt. */
const ECHO = command('cat');

async function group(
  sessions: readonly Omit<SessionGroupInput['sessions'][number], 'projectPath'>[],
  more: SessionGroupOptions = {},
  config: SessionGroupInput['config'] = {},
): Promise<Watched> {
  const definition = {
    version: 1 as const,
    name: 'results',
    config: { agent: 'scripted' as const, ...config },
    sessions: sessions.map(session => ({ ...session, projectPath: repo.path })),
  };
  const watched = watchGroup(await createSessionGroup(definition, { ...options(), ...more }));
  open.push(watched);
  return watched;
}

const completed = (watched: Watched, id: string) =>
  watched.all('session_completed').find(event => event.sessionId === id);

describe('changed files', () => {
  it('of a command in a repository are in the event, the result and the next prompt, one per line', async () => {
    repo.write('mine before.txt', '1');
    const script = [
      'echo new > "committed by agent.txt"; git add -A; git commit -q -m x',
      'echo 2 > there.txt; rm gone.txt; mkdir -p deep; echo 1 > "deep/ünï.txt"; printf 1 > "line',
      'break.txt"',
    ].join('\n');
    const watched = await group([
      { id: 'work', prompt: 'go', agent: command(script) },
      {
        id: 'review',
        prompt: "Changed:\n{{ sessions['work'].changedFiles }}\nfirst {{ sessions.work.changedFiles[0] }}",
        dependsOn: ['work'],
        agent: ECHO,
      },
    ]);
    const result = await watched.group.run();
    const files = [
      'committed by agent.txt',
      'deep/ünï.txt',
      'gone.txt',
      'line\nbreak.txt',
      'mine before.txt',
      'there.txt',
    ];
    expect(completed(watched, 'work')).toMatchObject({ changedFiles: files });
    expect(result.sessions.work).toMatchObject({ changedFiles: files });
    expect(result.sessions.review).toMatchObject({
      changedFiles: [],
      result:
        'Changed:\ncommitted by agent.txt\ndeep/ünï.txt\ngone.txt\n"line\\nbreak.txt"\nmine before.txt\nthere.txt\nfirst committed by agent.txt',
    });
    expect(watched.all('session_warning')).toEqual([]);
  });

  it('are listed up to a limit', async () => {
    const watched = await group([
      { id: 'work', prompt: 'go', agent: command('for i in $(seq 1005); do echo > f$i; done') },
      { id: 'next', prompt: '{{ sessions.work.changedFiles }}', dependsOn: ['work'], agent: ECHO },
    ]);
    const result = await watched.group.run();
    expect(completed(watched, 'work')).toMatchObject({ moreChangedFiles: 5 });
    expect(completed(watched, 'work')?.changedFiles).toHaveLength(MAX_FILES);
    expect(result.sessions.next?.result?.split('\n').at(-1)).toBe('… and 5 more');
  });

  it('are absent outside a repository, and for an agent that changes none', async () => {
    const elsewhere = join(folder, 'plain');
    mkdirSync(elsewhere);
    const definition = {
      version: 1 as const,
      name: 'x',
      sessions: [
        { id: 'plain', prompt: 'go', projectPath: elsewhere, agent: command('echo > new') },
        { id: 'scripted', prompt: 'go', projectPath: repo.path, agent: 'scripted' as const },
      ],
    };
    const watched = watchGroup(await createSessionGroup(definition, options()));
    open.push(watched);
    await watched.group.run();
    expect(watched.all('session_completed').filter(event => 'changedFiles' in event)).toEqual([]);
    expect(watched.all('session_warning')).toEqual([]);
  });

  it('are unknown without git: a warning says so, and the session completes', async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const agent = {
      kind: 'command' as const,
      command: ['/bin/sh', '-c', 'echo done'] as [string, ...string[]],
    };
    const watched = await group([{ id: 'work', prompt: 'go', agent }], { env: { PATH: bin } });
    expect(await watched.group.run()).toMatchObject({ status: 'completed' });
    expect(completed(watched, 'work')).not.toHaveProperty('changedFiles');
    expect(watched.all('session_warning').map(event => event.message)).toEqual([
      'the changed files are unknown: git was not found',
    ]);
  });

  it('count from before the first attempt, also when another engine completes the session', async () => {
    const store = kept();
    const reply: Reply = (_, attempt) => {
      repo.write(`attempt ${attempt}.txt`, 'x');
      return attempt === 1 ? new Promise(() => {}) : done('ok');
    };
    const agents = { scripted: new TalkingAgent(reply, true) };
    repo.write('before.txt', 'x');
    const first = await group([{ id: 'a', prompt: 'go' }], { store, agents });
    const run = first.group.run();
    await expect.poll(() => existsSync(join(repo.path, 'attempt 1.txt')), { timeout: 60_000 }).toBe(true);
    await first.group.pause();
    expect((await run).status).toBe('paused');
    await first.group.dispose();
    const second = watchGroup(await openSessionGroup(first.group.id, { ...options(), store, agents }));
    open.push(second);
    await second.group.resume();
    expect(completed(second, 'a')).toMatchObject({ changedFiles: ['attempt 1.txt', 'attempt 2.txt'] });
  });

  it('count from then also after the death of the engine', async () => {
    const reply: Reply = (_, attempt) => {
      repo.write(`attempt ${attempt}.txt`, 'x');
      return attempt === 1 ? new Promise(() => {}) : done('ok');
    };
    const agents = { scripted: new TalkingAgent(reply, true) };
    repo.write('before.txt', 'x');
    const first = await group([{ id: 'a', prompt: 'go' }], { store: kept(), agents });
    first.group.run().catch(() => {});
    await expect.poll(() => existsSync(join(repo.path, 'attempt 1.txt')), { timeout: 60_000 }).toBe(true);
    // A dead engine leaves its folder, without its lock.
    const dataDir = join(folder, 'left behind');
    cpSync(join(folder, 'data'), dataDir, {
      recursive: true,
      filter: path => !basename(path).startsWith('owner'),
    });
    const store = createFileStore({ dataDir });
    const second = watchGroup(await openSessionGroup(first.group.id, { ...options(), store, agents }));
    open.push(second);
    expect(await second.group.resume()).toMatchObject({ status: 'completed' });
    expect(completed(second, 'a')).toMatchObject({ changedFiles: ['attempt 1.txt', 'attempt 2.txt'] });
  });

  describe('while git is slow', () => {
    const state = { held: '' };
    /** A git that blocks until the file `held` is removed, once the work is done. */
    const slowGit = () => {
      const bin = join(folder, 'bin');
      mkdirSync(bin);
      state.held = join(folder, 'held');
      const script = `#!/bin/sh\nif test -e ${state.held}; then touch ${folder}/asked; fi\nwhile test -e ${state.held}; do /bin/sleep 0.02; done\nexec ${gitPath()} "$@"\n`;
      writeFileSync(join(bin, 'git'), script, { mode: 0o755 });
      return { PATH: `${bin}:${process.env.PATH}` };
    };
    const gitPath = () => (existsSync('/usr/bin/git') ? '/usr/bin/git' : 'git');
    const agent = () =>
      new TalkingAgent(() => {
        repo.write('by the agent.txt', 'x');
        writeFileSync(state.held, '');
        return done('the result');
      }, true);
    const asked = () => expect.poll(() => existsSync(join(folder, 'asked')), { timeout: 60_000 }).toBe(true);

    it('the session is not settled, and a pause loses nothing', async () => {
      const watched = await group(
        [
          { id: 'a', prompt: 'go' },
          { id: 'b', prompt: 'go', dependsOn: ['a'] },
        ],
        {
          env: slowGit(),
          agents: { scripted: agent() },
        },
      );
      const run = watched.group.run();
      await asked();
      expect(watched.all('session_completed')).toEqual([]);
      const paused = watched.group.pause();
      rmSync(state.held);
      await paused;
      expect((await run).status).toBe('paused');
      expect(completed(watched, 'a')).toMatchObject({
        result: 'the result',
        changedFiles: ['by the agent.txt'],
      });
      expect(watched.all('session_started')).toHaveLength(1);
    });

    it('a stop waits for git no longer than for an agent', async () => {
      const clock = new SimulatedClock();
      const watched = await group([{ id: 'a', prompt: 'go' }], {
        env: slowGit(),
        agents: { scripted: agent() },
        clock,
      });
      const run = watched.group.run();
      await asked();
      const stopped = watched.group.stop();
      await expect.poll(() => watched.all('group_stopping').length, { timeout: 60_000 }).toBe(1);
      clock.advance(5_000);
      await stopped;
      expect((await run).sessions.a).toMatchObject({ status: 'completed', result: 'the result' });
      expect(completed(watched, 'a')).not.toHaveProperty('changedFiles');
      expect(watched.all('session_warning').map(event => event.message)).toEqual([
        'the changed files are unknown: git was canceled',
      ]);
      rmSync(state.held);
    });

    it('a pause before the first attempt starts nothing, and resume starts over', async () => {
      const env = slowGit();
      writeFileSync(state.held, '');
      const talking = new TalkingAgent(() => done('ok'), true);
      const watched = await group([{ id: 'a', prompt: 'go' }], { env, agents: { scripted: talking } });
      const run = watched.group.run();
      await asked();
      await watched.group.pause();
      expect((await run).status).toBe('paused');
      expect(talking.specs).toEqual([]);
      rmSync(state.held);
      repo.write('meanwhile.txt', 'x');
      expect(await watched.group.resume()).toMatchObject({ status: 'completed' });
      expect(completed(watched, 'a')).toMatchObject({ changedFiles: [] });
    });
  });
});

describe('a structured output', () => {
  it("is the agent's; its parts can be used in the next prompt", async () => {
    const watched = await group([
      {
        id: 'count',
        prompt: 'go',
        outputSchema: COUNT,
        agent: command('echo working; echo \'{"count": 3, "names": ["a b", "c"]}\'; echo bye'),
      },
      {
        id: 'next',
        prompt:
          '{{ sessions.count.output.count }} {{ sessions.count.output.names }} {{ sessions.count.output.names[0] }}',
        dependsOn: ['count'],
        agent: ECHO,
      },
    ]);
    const result = await watched.group.run();
    expect(completed(watched, 'count')).toMatchObject({ output: { count: 3, names: ['a b', 'c'] } });
    expect(result.sessions.count).toMatchObject({ output: { count: 3, names: ['a b', 'c'] } });
    expect(result.sessions.next?.result).toBe('3 ["a b","c"] a b');
  });

  it('of a script is one of its steps', async () => {
    const agent = (output: Record<string, unknown>) => ({ kind: 'scripted' as const, steps: [{ output }] });
    const watched = await group(
      [
        { id: 'right', prompt: 'go', outputSchema: COUNT, agent: agent({ count: 1 }) },
        { id: 'wrong', prompt: 'go', outputSchema: COUNT, agent: agent({ count: 'x' }), allowFailure: true },
      ],
      {},
      SOON,
    );
    const result = await watched.group.run();
    expect(result.sessions.right).toMatchObject({ status: 'completed', output: { count: 1 } });
    expect(result.sessions.wrong).toMatchObject({
      status: 'failed',
      attempts: 3,
      error: {
        code: 'output_invalid',
        message: 'The structured output does not match its schema:\n- /count: must be integer',
      },
    });
  });

  it('that is invalid or missing is requested again in the same conversation, with the error', async () => {
    const outputs = [undefined, { count: 'no' }, { count: 7 }];
    const agent = new TalkingAgent((_, attempt) => done('said', outputs[attempt - 1]));
    const watched = await group(
      [{ id: 'a', prompt: 'Count.', outputSchema: COUNT }],
      { agents: { scripted: agent } },
      SOON,
    );
    const result = await watched.group.run();
    expect(result.sessions.a).toMatchObject({ status: 'completed', attempts: 3, output: { count: 7 } });
    expect(new Set(agent.specs.map(spec => spec.conversation.id)).size).toBe(1);
    expect(agent.specs.map(spec => spec.prompt)).toEqual([
      'Count.',
      expect.stringContaining('The required structured output is missing.'),
      expect.stringContaining('- /count: must be integer'),
    ]);
    expect(agent.specs.map(spec => spec.composed)).toEqual([false, true, true]);
    expect(watched.all('session_retrying').map(event => event.error.code)).toEqual([
      'output_invalid',
      'output_invalid',
    ]);
  });

  it('is still requested after a pause and in another engine', async () => {
    const store = kept();
    const agent = new TalkingAgent((_, attempt) =>
      done('said', attempt === 1 ? { count: 'no' } : { count: 1 }),
    );
    const agents = { scripted: agent };
    const slow = { retry: { initialInterval: '1h', maximumInterval: '1h' } };
    const first = await group([{ id: 'a', prompt: 'Count.', outputSchema: COUNT }], { store, agents }, slow);
    const run = first.group.run();
    await first.first('session_retrying');
    await first.group.pause();
    await run;
    await first.group.dispose();
    const second = watchGroup(await openSessionGroup(first.group.id, { ...options(), store, agents }));
    open.push(second);
    expect(await second.group.resume()).toMatchObject({ status: 'completed' });
    expect(agent.specs[1]?.prompt).toContain('- /count: must be integer');
    expect(agent.specs[1]?.conversation.id).toBe(agent.specs[0]?.conversation.id);
  });

  it('that JSON cannot represent is invalid', async () => {
    const agent = new TalkingAgent(() => done('said', { count: 1n }));
    const watched = await group(
      [{ id: 'a', prompt: 'x', outputSchema: COUNT }],
      { agents: { scripted: agent } },
      SOON,
    );
    expect((await watched.group.run()).sessions.a?.error).toEqual({
      code: 'output_invalid',
      message: 'The structured output is not valid JSON.',
    });
  });
});

describe('a result that is too long', () => {
  const long = 'ünï😀 {{ group.id }} '.repeat(20_000);
  const items = Array.from({ length: 5_000 }, (_, number) => `item ${number} of many`);
  const sessions = [
    { id: 'long', prompt: 'go' },
    {
      id: 'next',
      prompt:
        '<{{ sessions.long.result }}|{{ sessions.long.output.items[4999] }}|{{ sessions.long.output.items }}>',
      dependsOn: ['long'],
    },
  ];
  const replies: Reply = ({ sessionId }, attempt) => {
    if (sessionId === 'long') return done(long, { items });
    if (attempt === 2) return { outcome: 'failed', code: 'max_turns', message: 'once' };
    return done('ok');
  };

  it('is stored in full in a file, and cut in journal and prompt; another engine renders the same prompt', async () => {
    const store = kept();
    const agent = new TalkingAgent(replies);
    const first = await group(sessions, { store, agents: { scripted: agent } });
    expect((await first.group.run()).status).toBe('failed');
    const event = completed(first, 'long');
    const { resultFile = '', outputFile = '' } = event ?? {};
    expect(readFileSync(resultFile, 'utf8')).toBe(long);
    expect(JSON.parse(readFileSync(outputFile, 'utf8'))).toEqual({ items });
    for (const file of [resultFile, outputFile]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(event).not.toHaveProperty('output');
    expect(Buffer.byteLength(event?.result ?? '')).toBeLessThanOrEqual(LONGEST_RESULT_BYTES);
    expect(event?.result).toContain(`the full text is in ${resultFile}`);
    const prompt = agent.specs[1]?.prompt ?? '';
    expect(prompt.startsWith(`<${event?.result}|item 4999 of many|["item 0 of many",`)).toBe(true);
    expect(prompt).toContain(`the full text is in ${outputFile}`);
    expect(Buffer.byteLength(prompt)).toBeLessThan(2 * LONGEST_RESULT_BYTES + 100);
    const journal = readFileSync(join(first.group.dir ?? '', 'journal.ndjson'), 'utf8');
    const longest = Math.max(...journal.split('\n').map(line => Buffer.byteLength(line)));
    expect(longest).toBeLessThan(2 * LONGEST_RESULT_BYTES);
    await first.group.dispose();

    const second = watchGroup(
      await openSessionGroup(first.group.id, { ...options(), store, agents: { scripted: agent } }),
    );
    open.push(second);
    expect(await second.group.retry({ fresh: true })).toMatchObject({ status: 'completed' });
    expect(agent.specs).toHaveLength(3);
    expect(agent.specs[2]?.prompt === prompt).toBe(true);
  });

  it('fails sessions that use it if its file is lost, with a hint', async () => {
    const store = kept();
    const agent = new TalkingAgent(replies);
    const first = await group(sessions, { store, agents: { scripted: agent } });
    await first.group.run();
    const { outputFile = '' } = completed(first, 'long') ?? {};
    await first.group.dispose();
    rmSync(outputFile);
    const second = watchGroup(
      await openSessionGroup(first.group.id, { ...options(), store, agents: { scripted: agent } }),
    );
    open.push(second);
    const result = await second.group.retry({ fresh: true });
    expect(result.sessions.next?.error).toMatchObject({
      code: 'prepare_failed',
      message: expect.stringContaining('the output of a session cannot be read'),
    });
  });

  it('is complete in an in-memory group, and cut in the prompt', async () => {
    const agent = new TalkingAgent(replies);
    const watched = await group(sessions, { agents: { scripted: agent } });
    const result = await watched.group.run();
    expect(result.sessions.long?.result === long).toBe(true);
    expect(result.sessions.long?.output).toEqual({ items });
    expect(agent.specs[1]?.prompt).toContain(`this is the beginning of ${Buffer.byteLength(long)} bytes]`);
  });
});

describe("another session's text", () => {
  const hostile = "{{ group.id }} /compact @/etc/hostname --help <% x %> ${HOME} `id` \\{{ 'a' }}";

  it('is inserted as is into prompts and inputs, and marks them as composed', async () => {
    const agent = new TalkingAgent(({ sessionId }) =>
      done(sessionId === 'a' ? hostile : 'ok', { [hostile]: hostile }),
    );
    const watched = await group(
      [
        { id: 'a', prompt: 'go' },
        { id: 'prompt', prompt: '{{ sessions.a.result }}', dependsOn: ['a'] },
        {
          id: 'input',
          prompt: '{{ said }}|{{ sessions.a.output }}',
          inputs: { said: '{{ sessions.a.result }}' },
          dependsOn: ['a'],
        },
        { id: 'neither', prompt: '/compact {{ sessions.a.status }}', dependsOn: ['a'] },
      ],
      { agents: { scripted: agent } },
    );
    await watched.group.run();
    const given = (id: string) => {
      const spec = agent.specs.find(({ sessionId }) => sessionId === id);
      return { prompt: spec?.prompt, composed: spec?.composed };
    };
    expect(given('prompt')).toEqual({ prompt: hostile, composed: true });
    const json = JSON.stringify({ [hostile]: hostile });
    expect(given('input')).toEqual({ prompt: `${hostile}|${json}`, composed: true });
    expect(given('neither')).toEqual({ prompt: '/compact completed', composed: false });
  });

  it('of a failure is available to its dependents, also in another engine', async () => {
    const store = kept();
    const reply: Reply = ({ sessionId }, attempt) =>
      sessionId === 'a' || attempt === 2
        ? { outcome: 'failed', code: 'max_turns', message: `it broke: ${hostile}` }
        : done('ok');
    const agent = new TalkingAgent(reply);
    const sessions = [
      { id: 'a', prompt: 'go', allowFailure: true },
      {
        id: 'report',
        prompt: '{{ sessions.a.errorCode }}: {{ sessions.a.error }}',
        dependsOn: [{ session: 'a', when: 'failed' as const }],
      },
    ];
    const first = await group(sessions, { store, agents: { scripted: agent } });
    await first.group.run();
    await first.group.dispose();
    const second = watchGroup(
      await openSessionGroup(first.group.id, { ...options(), store, agents: { scripted: agent } }),
    );
    open.push(second);
    await second.group.retry({ sessions: ['report'], fresh: true });
    const prompts = agent.specs.filter(({ sessionId }) => sessionId === 'report').map(({ prompt }) => prompt);
    expect(prompts).toEqual([`max_turns: it broke: ${hostile}`, `max_turns: it broke: ${hostile}`]);
  });
});
