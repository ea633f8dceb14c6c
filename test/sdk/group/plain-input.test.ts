import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  buildGraph,
  ConfigGenerator,
  DefinitionError,
  DependencyGraph,
  generateClaudeMd,
  generateMcpConfig,
  getExecutionOrder,
  getGroupStats,
  loadDefinition,
  ProgressAggregator,
  parseDefinition,
} from '../../../src/index.ts';

/** The error of a call that has to be refused, without a look at types: hosts in JavaScript pass anything. */
function refused(call: () => unknown): DefinitionError {
  try {
    call();
  } catch (error) {
    if (error instanceof DefinitionError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** What TypeScript would not let through. */
const untyped = (value: unknown): never => value as never;

describe('a graph of sessions as a person writes them', () => {
  const sessions = [{ id: 'a' }, { id: 'b', dependsOn: ['a'] }];

  it('is built, with the defaults of a definition', () => {
    const graph = buildGraph(sessions);
    expect(graph.getExecutionOrder()).toEqual([['a'], ['b']]);
    expect(getExecutionOrder(sessions)).toEqual([['a'], ['b']]);
    expect(new DependencyGraph(sessions).node('b')).toMatchObject({
      session: { trigger: 'all', priority: 0, allowFailure: false },
      dependencies: [{ to: 0, when: 'completed' }],
    });
  });

  it('takes edges with conditions, estimates as text, and all other keys of a session', () => {
    const graph = buildGraph([
      { id: 'a', projectPath: 'x', prompt: 'go', estimate: '2m' },
      { id: 'b', dependsOn: [{ session: 'a', when: 'settled' }, 'c'], trigger: 'any' },
      { id: 'c', estimate: 1_000 },
    ]);
    expect(graph.criticalPath(1)).toEqual({ sessions: ['a', 'b'], durationMs: 120_001 });
    expect(graph.node('b')?.dependencies).toEqual([
      { to: 0, when: 'settled' },
      { to: 2, when: 'completed' },
    ]);
  });

  it('is the same for sessions that were loaded', async () => {
    const written = [
      { id: 'a', projectPath: '.', prompt: 'x' },
      { id: 'b', projectPath: '.', prompt: 'x', dependsOn: ['a'] },
    ];
    const { definition } = await parseDefinition({ version: 1, name: 'g', sessions: written });
    expect(buildGraph(definition.sessions).nodes.map(({ dependencies }) => dependencies)).toEqual(
      buildGraph(written).nodes.map(({ dependencies }) => dependencies),
    );
  });

  it('without dependencies, takes edges that lead nowhere or round', () => {
    const round = [
      { id: 'a', dependsOn: ['b'] },
      { id: 'b', dependsOn: ['a', 'ghost'] },
    ];
    expect(getExecutionOrder(round, { respectDependencies: false })).toEqual([['a', 'b']]);
  });

  it.each([
    [
      'a misspelt key',
      [{ id: 'a' }, { id: 'b', dependOn: ['a'] }],
      'invalid_definition',
      'sessions: invalid at sessions[1].dependOn: unknown key "dependOn" (did you mean "dependsOn"?)',
    ],
    [
      'a misspelt id',
      [{ id: 'shared-lib' }, { id: 'b', dependsOn: ['sharedlib'] }],
      'unknown_session',
      'sessions: invalid at sessions[1].dependsOn[0]: no session has the id "sharedlib" (did you mean "shared-lib"?)',
    ],
    [
      'a missing id',
      [{ dependsOn: [] }],
      'invalid_definition',
      'sessions: invalid at sessions[0].id: missing "id": expected a string',
    ],
    [
      'an id twice',
      [{ id: 'a' }, { id: 'a' }],
      'duplicate_session',
      'sessions: 2 errors, the first at sessions[0].id: two sessions have the id "a"; the other is sessions[1]',
    ],
    [
      'a cycle',
      [
        { id: 'a', dependsOn: ['b'] },
        { id: 'b', dependsOn: ['a'] },
      ],
      'cycle',
      'sessions: invalid at sessions[0].dependsOn[0]: circular dependency: a → b → a (remove one of these edges from dependsOn)',
    ],
    [
      'a session that waits for itself',
      [{ id: 'a', dependsOn: ['a'] }],
      'cycle',
      'sessions: invalid at sessions[0].dependsOn[0]: session "a" depends on itself',
    ],
    [
      'an edge that is none',
      [{ id: 'a', dependsOn: 'b' }],
      'invalid_definition',
      'sessions: invalid at sessions[0].dependsOn: expected a list; got "b" (write it as a list: [b])',
    ],
    [
      'an edge that leads nowhere, in a session that has all else',
      [{ id: 'a', dependsOn: [{ when: 'completed' }], trigger: 'all', priority: 0, allowFailure: false }],
      'invalid_definition',
      'sessions: invalid at sessions[0].dependsOn[0].session: missing "session": expected a string',
    ],
    [
      'no list',
      { id: 'a' },
      'invalid_definition',
      'sessions: invalid at sessions: expected a list; got a map',
    ],
    [
      'nothing',
      undefined,
      'invalid_definition',
      'sessions: invalid at sessions: missing "sessions": expected a list',
    ],
    [
      'null among them',
      [{ id: 'a' }, null],
      'invalid_definition',
      'sessions: invalid at sessions[1]: expected a map of keys; got nothing',
    ],
  ])('is refused with the place and a way out: %s', (_, input, code, message) => {
    const error = refused(() => buildGraph(untyped(input)));
    expect({ code: error.code, message: error.message }).toEqual({ code, message });
    expect(error.diagnostics[0]?.path[0]).toBe('sessions');
    expect(refused(() => getExecutionOrder(untyped(input))).message).toBe(message);
  });

  it('names all problems at once', () => {
    const error = refused(() => buildGraph([{ id: 'a', dependsOn: ['x', 'y'] }]));
    expect(error.message).toMatch(/^sessions: 2 errors, the first at sessions\[0\]\.dependsOn\[0\]/);
    expect(error.diagnostics.map(({ path }) => path)).toEqual([
      ['sessions', 0, 'dependsOn', 0],
      ['sessions', 0, 'dependsOn', 1],
    ]);
  });
});

const throwing = () => {
  throw new Error('not loaded');
};
const unreadable = Object.defineProperty({}, 'id', { get: throwing, enumerable: true });
const proxied = new Proxy({}, { get: throwing, getPrototypeOf: throwing, ownKeys: throwing });
const round: Record<string, unknown> = {};
round.again = round;

describe('what cannot be read, or has holes, is a DefinitionError with a path', () => {
  it.each<readonly [string, () => unknown, string]>([
    ['holes in the list', () => buildGraph(untyped(new Array(2))), 'missing item 1'],
    ['holes in dependsOn', () => buildGraph([{ id: 'a', dependsOn: new Array(1) }]), 'missing item 1'],
    ['a getter', () => buildGraph(untyped([unreadable])), 'it cannot be read: not loaded'],
    ['a proxy', () => getExecutionOrder(untyped([proxied])), 'it cannot be read: not loaded'],
    ['a getter of a session', () => generateClaudeMd(untyped(unreadable)), 'it cannot be read: not loaded'],
    ['a proxy as a session', () => generateMcpConfig(untyped(proxied)), 'it cannot be read: not loaded'],
    ['a proxy among sessions', () => getGroupStats(untyped([proxied])), 'it cannot be read: not loaded'],
    ['no source', () => generateClaudeMd({ id: 'a' }, untyped(null)), 'expected a map of keys; got nothing'],
    [
      'a template that is no text',
      () => generateClaudeMd({ id: 'a' }, untyped({ files: { templates: { style: 1 } } })),
      'expected a string; got 1',
    ],
    [
      'a function that is none',
      () => generateClaudeMd({ id: 'a' }, untyped({ render: 'x' })),
      'expected a function; got "x"',
    ],
    [
      'sessions that are no list',
      () => generateClaudeMd({ id: 'a' }, untyped({ definition: { sessions: 'a' } })),
      'expected a list; got "a"',
    ],
    [
      'a value that contains itself',
      () => generateClaudeMd({ id: 'a', variables: { round }, config: { claudeMdTemplate: '{{ round }}' } }),
      '"round" cannot be written as JSON',
    ],
  ])('%s', (_, call, message) => {
    const error = refused(call);
    expect(error.message).toContain(message);
    expect(error.diagnostics[0]?.path).toBeInstanceOf(Array);
  });
});

describe('the configuration of a session as a person writes it', () => {
  it('is none by default', () => {
    expect(generateClaudeMd({ id: 'a', prompt: 'Do it.' })).toBeUndefined();
    expect(generateMcpConfig({ id: 'a', prompt: 'Do it.' })).toBeUndefined();
  });

  it('has instructions, with values, results as placeholders, templates and what the group shares', () => {
    const session = {
      id: 'b',
      dependsOn: ['a'],
      variables: { tone: 'kind' },
      config: { claudeMdTemplate: 'Be {{ tone }}. {{ sessions.a.result }}' },
    };
    expect(generateClaudeMd(session)).toBe(
      '# Instructions of the session group "group" for its session b\n\nBe kind. <result of a>\n',
    );
    const files = {
      templates: { style: '---\nvariables: [{name: tone}]\n---\nWrite {{ tone }}.' },
      sharedConfig: { 'CLAUDE.md': 'Shared.' },
    };
    const source = { definition: { name: 'Auth' }, files };
    expect(generateClaudeMd({ ...session, config: { claudeMdTemplate: 'style' } }, source)).toBe(
      '# Instructions of the session group "Auth" for its session b\n\nShared.\n\nWrite kind.\n',
    );
  });

  it("has the settings of its group, and an untrusted project's instructions", () => {
    const folder = mkdtempSync(join(tmpdir(), 'session-groups-plain-'));
    try {
      writeFileSync(join(folder, 'CLAUDE.md'), 'Indent by two.');
      const source = { definition: { config: { settingSources: ['user' as const] } } };
      expect(generateClaudeMd({ id: 'a', projectPath: folder }, source)).toContain('Indent by two.');
      expect(generateClaudeMd({ id: 'a', projectPath: folder })).toBeUndefined();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('has MCP servers, with secrets as references', () => {
    const config = generateMcpConfig({
      id: 'a',
      mcpServers: { usages: { command: 'node', args: ['usages.mjs'], env: { TOKEN: 'hush' } } },
    });
    expect(config).toMatchObject({ servers: ['usages'], variables: { SESSION_GROUPS_MCP_1: 'hush' } });
    expect(config?.text).not.toContain('hush');
    expect(JSON.parse(config?.text ?? '')).toMatchObject({ mcpServers: { usages: { command: 'node' } } });
  });

  it('is the same from the class, for what was written and for what was loaded', async () => {
    const written = { id: 'a', projectPath: '.', prompt: 'x', config: { claudeMdTemplate: 'Be brief.' } };
    const { definition } = await parseDefinition({ version: 1, name: 'g', sessions: [written] });
    const generator = new ConfigGenerator({ definition });
    const [loaded = untyped(undefined)] = definition.sessions;
    expect(generator.generates(written)).toBe(true);
    expect(generator.generateSessionConfig(loaded)).toMatchObject({
      files: {
        'CLAUDE.md': '# Instructions of the session group "g" for its session a\n\nBe brief.\n',
      },
    });
    expect(generator.generateSessionConfig(written)).toEqual(generator.generateSessionConfig(loaded));
    expect(generateClaudeMd(loaded, { definition })).toBe(generator.generateClaudeMd(written));
  });

  it.each([
    [
      { id: 'a', config: { claudeMdTemplte: 'x y' } },
      'session: invalid at config.claudeMdTemplte: unknown key "claudeMdTemplte" (did you mean "claudeMdTemplate"?)',
    ],
    [{ prompt: 'x' }, 'session: invalid at id: missing "id": expected a string'],
    ['a', 'session: invalid: expected a map of keys; got "a"'],
    [
      { id: 'a', variables: { tone: 'x' }, config: { claudeMdTemplate: 'Be {{ tome }}.' } },
      'session: invalid at config.claudeMdTemplate: unknown variable "tome" (did you mean "tone"?)',
    ],
    [
      { id: 'a', config: { claudeMdTemplate: 'style' } },
      'session: invalid at config.claudeMdTemplate: there is no template "style" (pass it in files.templates)',
    ],
    [
      { id: 'a', config: { claudeMdTemplate: 'The {{ sessions.b.result }}' } },
      expect.stringContaining('session: invalid at config.claudeMdTemplate: '),
    ],
  ])('is refused with the place and a way out: %j', (session, message) => {
    const error = refused(() => generateClaudeMd(untyped(session)));
    expect(error.message).toEqual(message);
    expect(error.code).toBe('invalid_definition');
  });

  it.each([
    [
      { id: 'a', mcpServers: { x: { comand: 'x' } } },
      'session: 2 errors, the first at mcpServers.x.command: missing "command": expected a string',
    ],
    [
      { id: 'a', mcpServers: [] },
      'session: invalid at mcpServers: expected a map of keys; got an empty list',
    ],
  ])('is refused with the place and a way out, for MCP: %j', (session, message) => {
    expect(refused(() => generateMcpConfig(untyped(session))).message).toBe(message);
  });

  it('is refused if the settings of its group are invalid', () => {
    const definition = { config: { budgt: {} } };
    expect(refused(() => generateClaudeMd({ id: 'a' }, untyped({ definition }))).message).toBe(
      'definition: invalid at config.budgt: unknown key "budgt" (did you mean "budget"?)',
    );
  });
});

describe('the statistics of sessions as a person writes them', () => {
  it('count each status, and sum up costs and tokens exactly', () => {
    const stats = getGroupStats([
      { status: 'completed', costUsd: 0.1, tokens: { input: 10, output: 1 } },
      { status: 'completed', costUsd: 0.2 },
      { status: 'verifying', tokens: { input: 5 } },
      { status: 'retrying' },
      {},
    ]);
    expect(stats).toEqual({
      totalSessions: 5,
      pending: 1,
      running: 1,
      waiting: 1,
      paused: 0,
      completed: 2,
      failed: 0,
      skipped: 0,
      stopped: 0,
      totalCostUsd: 0.3,
      totalTokens: { input: 15, output: 1, cacheRead: 0, cacheWrite: 0 },
    });
  });

  it("are the aggregator's for the progress of sessions, which folds events without a group", () => {
    const aggregator = new ProgressAggregator({ sessions: [{ id: 'a' }, { id: 'b' }] });
    const head = { groupId: 'g', time: '2026-01-01T00:00:00.000Z' };
    aggregator.apply({
      ...head,
      seq: 0,
      type: 'session_started',
      sessionId: 'a',
      attempt: 1,
      agentSessionId: 'c',
    });
    aggregator.apply({ ...head, seq: 1, type: 'session_stopped', sessionId: 'a', costUsd: 0.5 });
    const progress = aggregator.getProgress();
    expect(progress).toMatchObject({ totalSessions: 2, stopped: 1, pending: 1, totalCostUsd: 0.5 });
    expect(getGroupStats(progress.sessions)).toEqual(aggregator.getGroupStats());
  });

  it.each([
    [
      [{ status: 'complete' }],
      'sessions: invalid at sessions[0].status: expected …',
      'did you mean "completed"?',
    ],
    [[{ costUsd: -1 }], 'sessions: invalid at sessions[0].costUsd: expected at least 0; got -1', undefined],
    [[{ tokens: { input: Number.NaN } }], 'sessions: invalid at sessions[0].tokens.input: ', undefined],
    [{}, 'sessions: invalid at sessions: expected a list; got a map', undefined],
  ])('are refused with the place and a way out: %j', (sessions, message, suggestion) => {
    const error = refused(() => getGroupStats(untyped(sessions)));
    expect(error.message).toContain(message.replace(/…$/, ''));
    expect(error.diagnostics[0]?.suggestion).toBe(suggestion);
  });

  it('are refused for sessions without ids', () => {
    expect(refused(() => new ProgressAggregator(untyped({ sessions: ['a'] }))).message).toBe(
      'progress: invalid at sessions[0]: expected a map of keys; got "a"',
    );
  });
});

describe('the message of a DefinitionError', () => {
  const wrong = { version: 1, name: 'g', sessions: [{ id: 'a', projectPath: '.', promt: 'x' }] };

  it('has the path for a definition in code, and the suggestion', async () => {
    await expect(parseDefinition(wrong)).rejects.toThrow(
      'definition: 2 errors, the first at sessions[0].promt: unknown key "promt" (did you mean "prompt"?)',
    );
  });

  it('has line and column for a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'session-groups-plain-'));
    try {
      const file = join(folder, 'wrong.json');
      writeFileSync(file, JSON.stringify(wrong));
      await expect(loadDefinition(file)).rejects.toThrow(/wrong\.json: 2 errors, the first at 1:\d+: /);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
