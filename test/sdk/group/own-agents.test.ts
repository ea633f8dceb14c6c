// @module-tag processes
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import {
  type Agent,
  type AttemptSpec,
  createFileStore,
  createSessionGroup,
  defineAgent,
  GroupManager,
  openSessionGroup,
  planGroup,
  preview,
} from '../../../src/index.ts';
import { systemClock } from '../../../src/sdk/clock.ts';
import { viewGroup } from '../../../src/sdk/group/standing/view.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import { attemptSink } from '../../../src/sdk/session/attempt-sink.ts';
import { definitionFolder, problemsOf } from './definition/definition-folder.ts';

const DEFINITION = `version: 1
name: demo
config: { agent: mine }
sessions:
  - { id: a, projectPath: lib, prompt: one }
  - id: b
    projectPath: web
    prompt: two
    dependsOn: [a]
    agent:
      kind: mine
      options:
        tone: dry
`;

let specs: AttemptSpec[];
let folder: Awaited<ReturnType<typeof definitionFolder>>;
beforeEach(async () => {
  specs = [];
  folder = await definitionFolder({
    'group.yaml': DEFINITION,
    'bad.yaml': DEFINITION.replace('tone: dry', 'tone: dri\n        tune: 1').replace(
      'agent: mine',
      'agent: mien',
    ),
  });
});
afterEach(() => folder.dispose());

/** Answers with the prompt; `hangs` says which sessions wait until they are interrupted. */
const agentWith = (hangs: (id: string) => boolean = () => false, tones = ['plain', 'dry']): Agent =>
  defineAgent({
    kind: 'mine',
    capabilities: { resume: true, usage: 'none', spends: false, approvals: false },
    optionsSchema: z.strictObject({ tone: z.enum(tones).default('plain') }),
    start(spec, listener) {
      specs.push(spec);
      const sink = attemptSink(listener, systemClock);
      sink.emit({ type: 'started', conversationId: spec.conversation.id });
      if (!hangs(spec.sessionId))
        sink.end({ outcome: 'done', result: `${spec.agent.options.tone}: done`, denials: [] });
      const cut = () => sink.end({ outcome: 'interrupted' });
      return { interrupt: cut, terminate: cut, kill: cut, answerPermission() {} };
    },
  });

const hosting = (agents: Readonly<Record<string, Agent>>) => ({ agents, projects: memoryProjectGate() });
const file = (name = 'group.yaml') => `${folder.path}/${name}`;

describe('a definition that names an own agent', () => {
  test('is loaded with the options that its schema returns', async () => {
    const { definition } = await folder.load('group.yaml', { env: {}, agents: { mine: agentWith() } });
    expect(definition.config.agent).toEqual({ kind: 'mine', options: { tone: 'plain' } });
    expect(definition.sessions[1]?.agent).toEqual({ kind: 'mine', options: { tone: 'dry' } });
  });

  test('has every problem at its place, with the nearest name', async () => {
    const problems = await problemsOf(folder.load('bad.yaml', { env: {}, agents: { mine: agentWith() } }));
    expect(
      problems.map(({ code, path, line, column }) => ({ code, path: path.join('.'), line, column })),
    ).toEqual([
      { code: 'invalid_value', path: 'config.agent', line: 3, column: 18 },
      { code: 'invalid_value', path: 'sessions.1.agent.options.tone', line: 13, column: 15 },
      { code: 'unknown_key', path: 'sessions.1.agent.options.tune', line: 14, column: 9 },
    ]);
    expect(problems[0]).toMatchObject({
      message: expect.stringContaining('expected claude, scripted, mine, or an object'),
      suggestion: 'did you mean "mine"?',
    });
    expect(problems[1]).toMatchObject({
      message: 'expected plain or dry; got "dri"',
      suggestion: 'did you mean "dry"?',
    });
  });

  test('is refused where nobody has registered the kind', async () => {
    const problems = await problemsOf(folder.load());
    expect(problems.map(({ path }) => path.join('.'))).toEqual(['config.agent', 'sessions.1.agent.kind']);
    expect(problems[1]?.message).toBe('expected claude, command or scripted; got "mine"');
    expect(problems[1]?.suggestion).toContain('register an agent of your own with the option agents');
  });

  test('can be planned and previewed', async () => {
    const agents = { mine: agentWith() };
    const loaded = await folder.load('group.yaml', { env: {}, agents });
    expect(planGroup(loaded, { agents }).sessions.map(({ agent }) => agent)).toEqual(['mine', 'mine']);
    expect((await preview(file(), { agents })).sessions).toHaveLength(2);
  });

  test('generates only what the agent accepts', async () => {
    const session = {
      ...{ id: 'a', projectPath: 'lib', prompt: 'go', agent: 'mine' },
      mcpServers: { docs: { command: 'node' } },
      config: { claudeMdTemplate: 'Be kind.' },
    };
    const { capabilities, ...agent } = agentWith();
    const agents = { mine: { ...agent, capabilities: { ...capabilities, mcp: true } } };
    const group = { version: 1 as const, name: 'demo', sessions: [session] };
    const { sessions, warnings } = await preview(group, { agents, baseDir: folder.path, env: {} });
    expect(Object.keys(sessions[0]?.files ?? {})).toEqual(['.mcp.json']);
    expect(warnings.map(({ code, path }) => `${code} ${path.at(-1)}`)).toEqual([
      'not_for_this_agent claudeMdTemplate',
    ]);
  });
});

test('what attempts and checks get is parsed, and each setting is asked about once', async () => {
  const asked: unknown[] = [];
  const mine: Agent = {
    ...agentWith(),
    async check(options) {
      asked.push(options?.agent);
      return { ok: true, warnings: [] };
    },
  };
  const group = await createSessionGroup(file(), hosting({ mine }));
  const { status, sessions } = await group.run();
  expect({ status, results: Object.values(sessions).map(({ result }) => result) }).toEqual({
    status: 'completed',
    results: ['plain: done', 'dry: done'],
  });
  const both = [
    { kind: 'mine', options: { tone: 'plain' } },
    { kind: 'mine', options: { tone: 'dry' } },
  ];
  expect(specs.map(({ agent }) => agent)).toEqual(both);
  expect(asked).toEqual(both);
  await group.dispose();
});

test('an own agent that spends and reports no usage is refused under a limit', async () => {
  const { capabilities, ...agent } = agentWith();
  const mine = { ...agent, capabilities: { ...capabilities, spends: true } };
  await expect(createSessionGroup(file(), hosting({ mine }))).rejects.toMatchObject({
    code: 'agent_reports_no_usage',
  });
  const { warnings } = await folder.load('group.yaml', { env: {}, agents: { mine } });
  expect(warnings).toMatchObject([
    { severity: 'warning', code: 'agent_reports_no_usage', path: ['config', 'agent'] },
    { severity: 'warning', code: 'agent_reports_no_usage', path: ['sessions', 1, 'agent'] },
  ]);
});

describe('a saved group', () => {
  const storeOf = () => createFileStore({ dataDir: `${folder.path}/data` });

  /** Paused in its session b. */
  const paused = async () => {
    const store = storeOf();
    const mine = agentWith(id => id === 'b');
    const group = await createSessionGroup(file(), { ...hosting({ mine }), store });
    const running = group.run();
    await vi.waitFor(() => expect(specs).toHaveLength(2)); // b is live
    await group.pause();
    await running;
    await group.dispose();
    return { id: group.id, store };
  };

  test('is read and opened where its agent is not registered, but does not run', async () => {
    const { id, store } = await paused();
    expect(viewGroup(await store.read(id)).progress.sessions.map(({ status }) => status)).toEqual([
      'completed',
      'paused',
    ]);
    const manager = new GroupManager({ ...hosting({}), store });
    expect(await manager.getGroupStatus(id)).toMatchObject({ status: 'paused' });

    const group = await manager.open(id);
    await expect(group.resume()).rejects.toMatchObject({
      name: 'AgentUnavailableError',
      code: 'unknown_agent',
      message: 'session "a": no agent is registered for the kind "mine"',
      hint: expect.stringContaining('Register an agent of the kind mine'),
    });
    expect(group.getProgress().status).toBe('paused');
    await group.stop();
    expect(group.getResult().status).toBe('stopped');
    await manager.dispose();
  });

  test('goes on in the same conversation where it is', async () => {
    const { id, store } = await paused();
    const before = specs[1]?.conversation.id;
    const group = await openSessionGroup(id, { ...hosting({ mine: agentWith() }), store });
    expect(await group.resume()).toMatchObject({
      status: 'completed',
      sessions: { b: { result: 'dry: done' } },
    });
    expect(specs[2]?.conversation).toMatchObject({ id: before, exists: true, resume: true });
    await group.dispose();
  });

  test('does not run with a version of the agent that refuses its options', async () => {
    const { id, store } = await paused();
    const mine = agentWith(() => false, ['plain', 'loud']);
    const group = await openSessionGroup(id, { ...hosting({ mine }), store });
    await expect(group.resume()).rejects.toMatchObject({
      code: 'invalid_agent_options',
      message: expect.stringMatching(
        /^session "b": the agent mine does not accept its options: options\.tone: /,
      ),
    });
    await group.dispose();
  });

  test('that has not run can be given a definition that names a registered agent instead', async () => {
    const store = storeOf();
    const created = await createSessionGroup(file(), { ...hosting({ mine: agentWith() }), store });
    await created.dispose();
    const group = await openSessionGroup(created.id, { ...hosting({}), store });
    await expect(group.run()).rejects.toMatchObject({ code: 'unknown_agent' });
    const scripted = { kind: 'scripted' as const, steps: [{ result: 'played' }] };
    const sessions = [{ id: 'a', projectPath: 'lib', prompt: 'one' }];
    const next = { version: 1 as const, name: 'demo', config: { agent: scripted }, sessions };
    await group.update(next, { baseDir: folder.path });
    expect(await group.run()).toMatchObject({ status: 'completed' });
    await group.dispose();
  });
});
