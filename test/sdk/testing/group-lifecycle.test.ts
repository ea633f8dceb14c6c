// @module-tag long
import fc from 'fast-check';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { createMemoryStore } from '../../../src/sdk/group/store/memory-store.ts';
import type { SessionGroupInput } from '../../../src/sdk/group/types.ts';
import type { Agent, AgentEvent, AttemptEnd } from '../../../src/sdk/session/agent.ts';
import { createScriptedAgent } from '../../../src/sdk/session/scripted/scripted.ts';
import type { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import {
  type GroupLifecycleOptions,
  groupLifecycleCases,
  testGroupLifecycle,
} from '../../../src/sdk/testing/group-lifecycle.ts';
import { ownSlug, projectPath } from '../../support/bench.ts';
import { MUTANTS } from '../../support/mutants.ts';
import { planting } from '../../support/plant-mutants.ts';
import { dag } from '../../support/random-dag.ts';
import { runs } from '../../support/runs.ts';

// XState's development build warns of each event to an actor that has stopped: a host's tests are to be quiet.
const warnings = vi.spyOn(console, 'warn');
afterAll(() => {
  expect(warnings).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

type Session = Omit<SessionGroupInput['sessions'][number], 'prompt' | 'projectPath'>;

const group = (
  sessions: readonly Session[],
  config: SessionGroupInput['config'] = {},
): SessionGroupInput => ({
  ...{ version: 1, name: 'Release', slug: ownSlug(), config },
  sessions: sessions.map((session, index) => ({
    ...{ prompt: 'go', projectPath: projectPath(index) },
    ...session,
  })),
});

const RELEASE: readonly Session[] = [
  { id: 'build' },
  { id: 'test', dependsOn: ['build'] },
  { id: 'docs', allowFailure: true },
  { id: 'publish', dependsOn: ['test', { session: 'docs', when: 'settled' }] },
  { id: 'explain', dependsOn: [{ session: 'test', when: 'failed' }] },
];

/** The error with which the test of this group fails; undefined if it passes. */
async function fault(
  definition: SessionGroupInput,
  options: GroupLifecycleOptions = {},
): Promise<string | undefined> {
  return testGroupLifecycle(definition, { env: {}, paths: 15, ...options }).then(
    () => undefined,
    error => (error as Error).message,
  );
}

describe('a group without faults', () => {
  test('keeps its promises along paths that meet every status, with each session started', async () => {
    const report = await testGroupLifecycle(group(RELEASE), { env: {}, paths: 30, seed: 5 });
    expect(report).toMatchObject({ seed: 5, paths: 30, neverStarting: [] });
    const met = ['completed', 'failed', 'paused', 'pausing', 'running', 'stopped', 'stopping'] as const;
    expect(report.statuses).toEqual(expect.arrayContaining([...met]));
    expect(report.steps).toBeGreaterThan(200);
  });

  test('with a fan-out is a group like any other, whose sessions are those of its values', async () => {
    const sessions: readonly Session[] = [
      { id: 'audit', forEach: ['api', 'web'], allowFailure: true },
      { id: 'report', dependsOn: [{ session: 'audit', when: 'settled' }] },
    ];
    const report = await testGroupLifecycle(group(sessions), { env: {}, paths: 15, seed: 7 });
    expect(report).toMatchObject({ paths: 15, neverStarting: [] });
    expect(report.statuses).toEqual(expect.arrayContaining(['completed', 'paused', 'stopped']));
  });

  test('is met in every state that is near, along the shortest paths', async () => {
    const small = group([{ id: 'a' }, { id: 'b', dependsOn: ['a'] }]);
    const report = await testGroupLifecycle(small, { env: {}, walk: 'shortest', paths: 20, length: 8 });
    expect(report.paths).toBe(20);
    expect(report.statuses).toContain('paused');
  });

  test('is a list of cases with names, of which each seed makes the same', async () => {
    const options = { env: {}, paths: 8, seed: 3 };
    const [first, second] = await Promise.all([
      groupLifecycleCases(group(RELEASE), options),
      groupLifecycleCases(group(RELEASE), options),
    ]);
    expect(first.map(({ name, steps }) => [name, steps])).toEqual(
      second.map(({ name, steps }) => [name, steps]),
    );
    expect(first[0]?.name).toBe(
      'path 1 (seed 3): run → build completes → test completes → docs completes → …',
    );
    const other = await groupLifecycleCases(group(RELEASE), { ...options, seed: 4 });
    expect(other.map(({ steps }) => steps)).not.toEqual(first.map(({ steps }) => steps));
    for (const { run } of first) await run();
  });

  test('of any dependencies, triggers, limits and projects agrees with its model', async () => {
    const shape = fc.record({
      dag: dag({ minSessions: 2, maxSessions: 7 }),
      concurrency: fc.record({
        maxConcurrent: fc.integer({ min: 1, max: 4 }),
        maxPerProject: fc.integer({ min: 1, max: 2 }),
        errorThreshold: fc.integer({ min: 1, max: 3 }),
        pauseOnError: fc.boolean(),
      }),
      onBudgetExceeded: fc.constantFrom('pause', 'stop', 'warn'),
      projects: fc.integer({ min: 1, max: 5 }),
      programs: fc.boolean(),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(shape, async one => {
        const sessions = one.dag.map((session, index) => ({
          ...{ ...session, dependsOn: [...session.dependsOn] },
          projectPath: projectPath(index % one.projects),
          ...(one.programs && index % 3 === 1 ? { agent: { kind: 'command', command: ['true'] } } : {}),
        }));
        const budget = { maxBudgetUsd: 3, onBudgetExceeded: one.onBudgetExceeded };
        const definition = group(sessions as Session[], { concurrency: one.concurrency, budget });
        await testGroupLifecycle(definition, { env: {}, paths: 6, length: 20, seed: one.seed });
      }),
      { numRuns: runs(40), endOnFailure: true },
    );
  });
});

/** It spends ten times the group's limit, and works until it is interrupted. */
const spender: Agent = {
  kind: 'spender',
  capabilities: { resume: false, usage: 'stream', spends: true, approvals: false },
  start(spec, sink) {
    setImmediate(() => {
      sink({ type: 'started', conversationId: spec.conversation.id });
      sink({ type: 'cost', scope: 'process', costUsd: 100 });
    });
    let hasEnded = false;
    const cut = () => {
      if (!hasEnded) setImmediate(() => sink({ type: 'ended', end: { outcome: 'interrupted' } }));
      hasEnded = true;
    };
    return { interrupt: cut, terminate: cut, kill: cut, answerPermission() {} };
  },
};

/** It says at once how it ends, or after an answer to its request. */
function acting(end: (attempt: number) => AttemptEnd, asks: boolean): Agent {
  return {
    kind: 'mine',
    capabilities: { resume: false, usage: 'none', spends: false, approvals: asks },
    start(spec, sink) {
      let isOver = false;
      const over = (how: AttemptEnd) => {
        if (!isOver) setImmediate(() => sink({ type: 'ended', end: how }));
        isOver = true;
      };
      setImmediate(() => {
        if (isOver) return;
        sink({ type: 'started', conversationId: spec.conversation.id });
        const requestId = `${spec.sessionId}-${spec.attempt}`;
        if (asks) sink({ type: 'approval', requestId, tool: 'Deploy', input: {} });
        else over(end(spec.attempt));
      });
      const cut = () => over({ outcome: 'interrupted' });
      const denied: AttemptEnd = { outcome: 'failed', code: 'permission_denied', message: 'no' };
      return {
        ...{ interrupt: cut, terminate: cut, kill: cut },
        answerPermission: (_, decision) => over(decision === 'allow' ? end(spec.attempt) : denied),
      };
    },
  };
}

describe('a test that would test nothing', () => {
  const untyped = (options: object) => testGroupLifecycle(group([{ id: 'a' }]), options as never);
  test.each<[string, object]>([
    ['options.paths', { paths: 0 }],
    ['options.paths', { paths: 'all' }],
    ['options.length', { length: 0 }],
    ['options.seed', { seed: 'x' }],
    ['options.walk', { walk: 'longest' }],
    ['options.agents', { agents: {} }],
    ['options.agents', { agents: () => {} }],
    ['options.puppets: mine', { puppets: ['mine'] }],
    ['options.store', { store: createMemoryStore() }],
    ['results.b', { results: { b: { output: 1 } } }],
  ])('is refused: %s', async (place, options) => {
    const message = expect.stringMatching(`^${place}: expected `);
    await expect(untyped(options)).rejects.toMatchObject({ code: 'invalid_argument', message });
  });
});

/** A scripted agent of the host, with a fault. */
const faulty = (change: (agent: Agent) => Agent) => (clock: SimulatedClock) => ({
  scripted: change(createScriptedAgent(clock)),
});

describe("a fault of the host's own agent", () => {
  const steps = [{ tool: 'Work', duration: 60_000 }, { cost: 0.1 }, { result: 'done' }];
  const definition = () => group(RELEASE, { agent: { kind: 'scripted', steps: steps as never } });

  test('is none where there is none', async () => {
    expect(await fault(definition(), { agents: faulty(agent => agent) })).toBeUndefined();
  });

  test('is that it ends twice', async () => {
    const twice = faulty(agent => ({
      ...agent,
      start: (spec, sink) =>
        agent.start(spec, event => {
          sink(event);
          if (event.type === 'ended') sink(event);
        }),
    }));
    const message = await fault(definition(), { agents: twice });
    expect(message).toMatch(/^AGENT-2: the agent emits ended after its end \(build, attempt 1\)/);
    expect(message).toMatch(/path 1 of 15 of "Release" \(random, seed 1\):\n {2}1\. run/);
  });

  test('is that it goes on after an interrupt', async () => {
    const deaf = faulty(agent => ({
      ...agent,
      start: (spec, sink) => Object.assign(agent.start(spec, sink), { interrupt: () => {} }),
    }));
    expect(await fault(definition(), { agents: deaf, paths: 30 })).toMatch(
      /AGENT-3: the agent goes on after `interrupt`; it took `terminate` to end it/,
    );
  });

  test('is that it reports something before it has started', async () => {
    const early = faulty(agent => ({
      ...agent,
      start(spec, sink) {
        sink({ type: 'activity' });
        return agent.start(spec, sink);
      },
    }));
    expect(await fault(definition(), { agents: early })).toMatch(/AGENT-1: the agent emits activity before/);
  });

  test('is that it never ends', async () => {
    const silent = faulty(agent => ({
      ...agent,
      start: () => ({ interrupt() {}, terminate() {}, kill() {}, answerPermission() {} }),
    }));
    const message = await fault(definition(), { agents: silent, paths: 2 });
    expect(message).toMatch(
      /^attempts of build and docs are live and do nothing: no timer of the clock, no report, no end/,
    );
  });

  const starting = (start: () => unknown) => faulty(agent => ({ ...agent, start: start as Agent['start'] }));
  const reporting = (event: unknown) =>
    faulty(agent => ({
      ...agent,
      start: (spec, sink) =>
        agent.start(spec, one => {
          if (one.type === 'started') sink(event as AgentEvent);
          sink(one);
        }),
    }));
  test.each<[string, NonNullable<GroupLifecycleOptions['agents']>, RegExp]>([
    [
      'throws in start',
      starting(() => {
        throw new Error('boom');
      }),
      /^AGENT-4: `start` of the agent throws: boom \(build, attempt 1\)/,
    ],
    [
      'returns no attempt',
      starting(() => undefined),
      /^AGENT-1: `start` of the agent fails: it returned no attempt \(build, attempt 1\)/,
    ],
    [
      'is asynchronous where it must not be',
      starting(async () => ({})),
      /^AGENT-1: `start` of the agent fails: it returned a promise instead of an attempt/,
    ],
    [
      'reports what is no report',
      reporting({ type: 'starting' }),
      /^AGENT-2: what the agent emits is no report: unknown \(no such type: "starting"\) \(build, attempt 1\)/,
    ],
    [
      'reports an amount that is none',
      reporting({ type: 'cost', scope: 'process', costUsd: -1 }),
      /^AGENT-2: what the agent emits is no report: cost \(costUsd: /,
    ],
    [
      'throws when it is interrupted',
      faulty(agent => ({
        ...agent,
        start: (spec, sink) =>
          Object.assign(agent.start(spec, sink), {
            interrupt() {
              throw new Error('no');
            },
          }),
      })),
      /^AGENT-4: `interrupt` of the agent throws: no \(/,
    ],
    [
      'leaves a timer',
      clock => {
        const agent = createScriptedAgent(clock);
        const start: Agent['start'] = (spec, sink) => {
          clock.setTimeout(() => {}, 3_600_000);
          return agent.start(spec, sink);
        };
        return { scripted: { ...agent, start } };
      },
      /^\d+ timers are left after dispose: an attempt that has ended clears its own/,
    ],
  ])('is that it %s', async (_, agents, message) => {
    expect(await fault(definition(), { agents, paths: 30 })).toMatch(message);
  });

  const ends =
    (end: (attempt: number) => AttemptEnd, asks = false) =>
    () => ({ mine: acting(end, asks) });
  const done: AttemptEnd = { outcome: 'done', result: 'ok', denials: [] };
  test.each<[string, NonNullable<GroupLifecycleOptions['agents']>]>([
    ['asks for a permission, and takes either answer', ends(() => done, true)],
    [
      'meets a usage limit, although it spends nothing',
      ends(attempt => (attempt % 2 === 1 ? { outcome: 'limited', message: 'full' } : done)),
    ],
    [
      'is not logged in',
      ends(() => ({ outcome: 'failed', code: 'authentication_failed', message: 'no login' })),
    ],
  ])('is none that it %s', async (_, agents) => {
    const sessions = [{ id: 'a' }, { id: 'b', dependsOn: ['a'] }];
    expect(await fault(group(sessions, { agent: 'mine' as never }), { agents, paths: 30 })).toBeUndefined();
  });

  test('is none that it spends more than the limit: the group pauses', async () => {
    const report = await testGroupLifecycle(
      group([{ id: 'a' }, { id: 'b', dependsOn: ['a'] }], { agent: 'spender' as never }),
      { ...{ env: {}, paths: 10 }, agents: () => ({ spender }) },
    );
    expect(report.statuses).toContain('paused');
  });

  test('is an end that it makes up', async () => {
    const odd = faulty(agent => ({
      ...agent,
      start: (spec, sink) =>
        agent.start(spec, event => {
          sink(event.type === 'ended' ? { type: 'ended', end: 'finished' as unknown as AttemptEnd } : event);
        }),
    }));
    expect(await fault(definition(), { paths: 5, agents: odd })).toMatch(
      /^AGENT-2: what the agent emits is no report: ended \(end: /,
    );
  });
});

describe('a fault of the definition', () => {
  test('is reported: a session whose dependencies contradict each other never starts', async () => {
    const contradicting = group([
      { id: 'a' },
      { id: 'b', dependsOn: [{ session: 'a', when: 'failed' }] },
      { id: 'c', dependsOn: ['a', 'b'] },
      { id: 'd', trigger: 'any', dependsOn: ['a', 'c'] },
    ]);
    const report = await testGroupLifecycle(contradicting, { env: {}, paths: 10 });
    expect(report.neverStarting).toEqual(['c']);
  });

  test('is a structured output that nothing provides', async () => {
    const outputSchema = { type: 'object', required: ['left'], properties: { left: { type: 'number' } } };
    const audit = group([
      { id: 'audit', outputSchema },
      { id: 'next', dependsOn: ['audit'] },
    ]);
    await expect(testGroupLifecycle(audit, { env: {} })).rejects.toMatchObject({ code: 'invalid_argument' });
    const wrong = { audit: { output: { left: 'two' } } };
    expect(await fault(audit, { results: wrong })).toMatch(
      /^results.audit.output: The structured output does not match its schema:\n- \/left: must be number/,
    );
    expect(await fault(audit, { results: { audit: { output: { left: 2 } } } })).toBeUndefined();
  });

  test('is a prompt that asks for what is not there', async () => {
    const prompt = 'Explain: {{ sessions.build.output.reason }}';
    const asking = group([
      { id: 'build' },
      { ...{ id: 'explain', prompt }, dependsOn: ['build'] } as Session,
    ]);
    expect(await fault(asking)).toMatch(/explain is failed \(prepare_failed: /);
  });
});

describe('a fault planted in the engine', () => {
  const FOUND = [
    'one session too many is admitted',
    'a group with failures calls itself completed',
    'paused is reported while agents still work',
    'a violated dependency is taken for satisfied',
    'a skip does not reach who waits for the skipped',
    'a resume wakes no session',
    'a stop skips nothing',
  ];
  const definition = () =>
    group([...RELEASE, { id: 'announce', dependsOn: ['publish'] }], { concurrency: { maxConcurrent: 1 } });

  test.each(FOUND)('is found: %s', async name => {
    const mutant = MUTANTS.find(one => one.name === name);
    expect(mutant).toBeDefined();
    if (!mutant) return;
    expect(await fault(definition(), { inspect: planting(mutant), paths: 40 })).toBeDefined();
  });

  test('is none where there is none', async () => {
    const none = planting({ name: 'no fault', by: [] });
    expect(await fault(definition(), { inspect: none, paths: 40 })).toBeUndefined();
  });
});
