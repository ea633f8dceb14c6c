import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SessionGroupsError } from '../../../src/sdk/errors.ts';
import { createSessionGroup, openSessionGroup } from '../../../src/sdk/group/api/create.ts';
import type { SessionGroupOptions } from '../../../src/sdk/group/api/options.ts';
import { cutText, LONGEST_RESULT_BYTES } from '../../../src/sdk/group/document/cut-text.ts';
import type { GroupEvent } from '../../../src/sdk/group/journal/events.ts';
import type { Journal } from '../../../src/sdk/group/journal/journal.ts';
import type { GroupRunner } from '../../../src/sdk/group/runner.ts';
import { QuotaGate } from '../../../src/sdk/group/schedule/quota-gate.ts';
import { createMemoryStore } from '../../../src/sdk/group/store/memory-store.ts';
import type { GroupStore, OwnedGroup } from '../../../src/sdk/group/store/store.ts';
import type { SessionGroupInput } from '../../../src/sdk/group/types.ts';
import { memoryProjectGate, type ProjectGate } from '../../../src/sdk/project/project-gate.ts';
import type { Agent, Attempt } from '../../../src/sdk/session/agent.ts';
import { createScriptedAgent } from '../../../src/sdk/session/scripted/scripted.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import { flush } from '../../../src/sdk/testing/flush.ts';

const unhandled: unknown[] = [];
const warned = new Set<unknown>();
const note = (error: unknown) => void unhandled.push(error);
const noteWarning = (warning: Error) => void warned.add('code' in warning ? warning.code : warning.message);
beforeAll(() => {
  process.on('uncaughtException', note).on('unhandledRejection', note).on('warning', noteWarning);
});
afterAll(() => {
  process.off('uncaughtException', note).off('unhandledRejection', note).off('warning', noteWarning);
});
afterEach(() => {
  unhandled.length = 0;
  warned.clear();
});

const boom = (): never => {
  throw new Error('boom');
};
/** For where an answer is due at once. */
const boomLater = async (): Promise<never> => boom();
/** Rejects from its `first`th call on. */
const boomLaterFrom = <A extends readonly unknown[], R>(first: number, real: (...args: A) => R) => {
  let calls = 0;
  return async (...args: A) => (++calls >= first ? boom() : real(...args));
};
/** Answers nothing from its `first`th call on. */
const neverFrom = <A extends readonly unknown[], R>(first: number, real: (...args: A) => R) => {
  let calls = 0;
  return async (...args: A) => (++calls >= first ? new Promise<never>(() => {}) : real(...args));
};
/** As a host without types has it. */
const untyped = (value: unknown): never => value as never;
/** Throws from its `first`th call on. */
const boomFrom = <A extends readonly unknown[], R>(first: number, real: (...args: A) => R) => {
  let calls = 0;
  return (...args: A): R => {
    calls++;
    return calls >= first ? boom() : real(...args);
  };
};

/** An agent some of whose methods throw. */
const agentWith = (clock: SimulatedClock, agent: Partial<Agent>, attempt: Partial<Attempt> = {}) => {
  const real = createScriptedAgent(clock);
  const scripted: Agent = {
    ...real,
    start: (spec, sink) => {
      const its = real.start(spec, sink);
      return {
        interrupt: () => its.interrupt(),
        terminate: () => its.terminate(),
        kill: () => its.kill(),
        answerPermission: (...answer) => its.answerPermission(...answer),
        ...attempt,
      };
    },
    ...agent,
  };
  return { agents: { scripted } };
};
const storeWith = (clock: SimulatedClock, over: (owned: OwnedGroup) => Partial<OwnedGroup>) => {
  const real = createMemoryStore({ clock });
  const store: GroupStore = {
    ...real,
    async create(group) {
      const owned = await real.create(group);
      return { ...owned, ...over(owned) };
    },
  };
  return { store };
};
const journalWith = (clock: SimulatedClock, over: (journal: Journal) => Partial<Journal>) =>
  storeWith(clock, ({ journal }) => ({ journal: { ...journal, ...over(journal) } }));
const projectsWith = (over: (gate: ProjectGate) => Partial<ProjectGate>) => {
  const gate = memoryProjectGate();
  return { projects: { ...gate, ...over(gate) } };
};
const quotaWith = (clock: SimulatedClock, method: keyof QuotaGate, value: unknown = boom) => {
  const quota = new QuotaGate(clock, () => 0);
  Object.defineProperty(quota, method, { value });
  return { quota };
};
const clockWith = (clock: SimulatedClock, over: Partial<SimulatedClock>) => ({
  clock: {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimeout: (fn: () => void, ms: number) => clock.setTimeout(fn, ms),
    clearTimeout: (timer: unknown) => clock.clearTimeout(timer),
    ...over,
  },
});

/** Stops stepping when nothing more can happen. */
const settle = async <T>(clock: SimulatedClock, promise: Promise<T>): Promise<T | string> => {
  let over = false;
  const done = promise.then(
    value => value,
    (error: unknown) =>
      error instanceof SessionGroupsError
        ? `threw ${error.code}`
        : `threw ${String(error)}, which has no code`,
  );
  void done.then(() => {
    over = true;
  });
  for (let step = 0; !over && step < 20_000; step++) {
    await flush();
    if (!over) clock.step();
  }
  return over ? done : 'hangs';
};

type Steps = NonNullable<Extract<ConfiguredAgent, { readonly kind: 'scripted' }>['steps']>;
type ConfiguredAgent = Exclude<NonNullable<NonNullable<SessionGroupInput['config']>['agent']>, string>;

const ASKS: Steps = [{ approval: 'Bash' }, { delay: '10s' }, { result: 'x' }];
const IS_LIMITED: Steps = [{ tokens: { input: 1, output: 1 } }, { limit: '5m' }, { result: 'x' }];
const HANGS: Steps = [{ approval: 'Bash' }, { hang: true }];
const SAYS: Steps = [{ result: 'x' }];
/** Too long for the journal: it goes into a file. */
const LONG = 'x'.repeat(LONGEST_RESULT_BYTES + 1);

/** What `run`, `stop` and `dispose` say, after what creation says if it fails; and whether the process was warned. */
type Case = readonly [
  what: string,
  steps: Steps,
  said: readonly string[],
  warned: 'warned' | 'not warned',
  (clock: SimulatedClock) => SessionGroupOptions,
];
const paused = ['paused', 'stopped', 'disposed'];
const ended = (status: string) => [status, 'threw not_in_this_state', 'disposed'];
const AGENTS: readonly Case[] = [
  ['check', ASKS, ended('threw agent_misbehaved'), 'not warned', clock => agentWith(clock, { check: boom })],
  [
    'check, later',
    ASKS,
    ended('threw agent_misbehaved'),
    'not warned',
    clock => agentWith(clock, { check: async () => boom() }),
  ],
  ['start', ASKS, ended('failed'), 'not warned', clock => agentWith(clock, { start: boom })],
  [
    'start, later',
    ASKS,
    ended('failed'),
    'not warned',
    clock => agentWith(clock, { start: untyped(boomLater) }),
  ],
  [
    'interrupt and terminate, later',
    HANGS,
    paused,
    'not warned',
    clock => agentWith(clock, {}, { interrupt: boomLater, terminate: boomLater }),
  ],
  ['interrupt', ASKS, paused, 'not warned', clock => agentWith(clock, {}, { interrupt: boom })],
  ['answerPermission', ASKS, paused, 'not warned', clock => agentWith(clock, {}, { answerPermission: boom })],
  [
    'interrupt and terminate',
    HANGS,
    paused,
    'not warned',
    clock => agentWith(clock, {}, { interrupt: boom, terminate: boom }),
  ],
  [
    'kill too',
    HANGS,
    ended('failed'),
    'not warned',
    clock => agentWith(clock, {}, { interrupt: boom, terminate: boom, kill: boom }),
  ],
];
const STORES: readonly Case[] = [
  [
    'create',
    ASKS,
    ['threw store_failed'],
    'not warned',
    clock => ({ store: { ...createMemoryStore({ clock }), create: boom } }),
  ],
  [
    'release',
    ASKS,
    ['paused', 'stopped', 'threw store_failed'],
    'not warned',
    clock => storeWith(clock, () => ({ release: async () => boom() })),
  ],
  [
    'release, at once',
    ASKS,
    ['paused', 'stopped', 'threw store_failed'],
    'not warned',
    clock => storeWith(clock, () => ({ release: boom })),
  ],
  ['sessionDir', ASKS, paused, 'not warned', clock => storeWith(clock, () => ({ sessionDir: boom }))],
  [
    'sessionDir, before the agent starts',
    ASKS,
    paused,
    'not warned',
    clock => storeWith(clock, owned => ({ sessionDir: boomFrom(2, owned.sessionDir) })),
  ],
  [
    'sessionDir, of a session that is done',
    [{ result: LONG }],
    ended('completed'),
    'not warned',
    clock => storeWith(clock, owned => ({ sessionDir: boomFrom(3, owned.sessionDir) })),
  ],
  ...[1, 2, 3, 5].map(
    (first): Case => [
      `saveMeta, from call ${first} on`,
      ASKS,
      paused,
      'warned',
      clock => storeWith(clock, owned => ({ saveMeta: boomFrom(first, owned.saveMeta) })),
    ],
  ),
  [
    'append',
    ASKS,
    ['threw store_failed'],
    'not warned',
    clock => journalWith(clock, () => ({ append: boom })),
  ],
  [
    'append, later',
    ASKS,
    ['paused', 'threw store_failed', 'threw records_lost'],
    'not warned',
    clock => journalWith(clock, journal => ({ append: boomFrom(5, journal.append) })),
  ],
  [
    'append, in a promise',
    ASKS,
    ['threw store_failed'],
    'not warned',
    clock => journalWith(clock, () => ({ append: boomLater })),
  ],
  [
    'append, in a promise that rejects, later',
    ASKS,
    ['paused', 'threw store_failed', 'threw records_lost'],
    'not warned',
    clock => journalWith(clock, journal => ({ append: untyped(boomLaterFrom(5, journal.append)) })),
  ],
  [
    'append, in a promise that is never settled, later',
    ASKS,
    ['paused', 'threw store_failed', 'threw records_lost'],
    'not warned',
    clock => journalWith(clock, journal => ({ append: untyped(neverFrom(5, journal.append)) })),
  ],
  [
    'append, in a promise that is kept, later',
    ASKS,
    paused,
    'not warned',
    clock =>
      journalWith(clock, ({ append }) => {
        let calls = 0;
        return {
          append: record => (++calls < 5 ? append(record) : Promise.resolve().then(() => append(record))),
        };
      }),
  ],
  [
    'folded, in a promise',
    ASKS,
    paused,
    'not warned',
    clock => journalWith(clock, () => ({ folded: boomLater })),
  ],
  [
    'saveMeta, in a promise',
    ASKS,
    paused,
    'warned',
    clock => storeWith(clock, () => ({ saveMeta: boomLater })),
  ],
  [
    'sessionDir, in a promise',
    ASKS,
    paused,
    'not warned',
    clock => storeWith(clock, () => ({ sessionDir: untyped(boomLater) })),
  ],
  ['synced', ASKS, paused, 'not warned', clock => journalWith(clock, () => ({ synced: boom }))],
  ['folded', ASKS, paused, 'not warned', clock => journalWith(clock, () => ({ folded: boom }))],
  [
    'recover',
    ASKS,
    ['threw store_failed', 'threw store_failed', 'disposed'],
    'not warned',
    clock => journalWith(clock, () => ({ recover: boom })),
  ],
];
const OTHERS: readonly Case[] = [
  [
    'tryEnter',
    ASKS,
    ended('threw internal_error'),
    'not warned',
    () => projectsWith(() => ({ tryEnter: boom })),
  ],
  ['leave', ASKS, paused, 'warned', () => projectsWith(() => ({ leave: boom }))],
  ['onFreed', ASKS, ['threw internal_error'], 'not warned', () => projectsWith(() => ({ onFreed: boom }))],
  ['its end', ASKS, paused, 'warned', () => projectsWith(() => ({ onFreed: () => boom }))],
  ...(['close', 'closedUntil', 'onClose'] as const).map(
    (method): Case => [method, IS_LIMITED, ended('completed'), 'warned', clock => quotaWith(clock, method)],
  ),
  ...[1, 3, 8].flatMap((first): readonly Case[] => [
    [
      `now, from call ${first} on`,
      ASKS,
      paused,
      'warned',
      clock => clockWith(clock, { now: boomFrom(first, () => clock.now()) }),
    ],
    [
      `monotonic, from call ${first} on`,
      ASKS,
      paused,
      'warned',
      clock => clockWith(clock, { monotonic: boomFrom(first, () => clock.monotonic()) }),
    ],
  ]),
  ['setTimeout', ASKS, paused, 'warned', clock => clockWith(clock, { setTimeout: boom })],
  ['clearTimeout', ASKS, paused, 'warned', clock => clockWith(clock, { clearTimeout: boom })],
  ['inspect', ASKS, paused, 'warned', () => ({ inspect: boom })],
  ['inspect, later', ASKS, paused, 'warned', () => ({ inspect: boomLater })],
  ...[Number.NaN, Number.POSITIVE_INFINITY, 9e15, 'x', undefined, boomLater()].flatMap(
    (value, index): readonly Case[] => {
      if (value instanceof Promise) value.catch(() => {});
      return [
        [
          `now: answer ${index}`,
          ASKS,
          paused,
          'warned',
          clock => clockWith(clock, { now: () => untyped(value) }),
        ],
        ...(['close', 'closedUntil'] as const).flatMap((method): readonly Case[] =>
          value === undefined && method === 'closedUntil'
            ? []
            : [
                [
                  `${method}: answer ${index}`,
                  IS_LIMITED,
                  ended('completed'),
                  'warned',
                  clock => quotaWith(clock, method, () => value),
                ],
              ],
        ),
      ];
    },
  ),
  [
    'monotonic that is no number',
    ASKS,
    paused,
    'warned',
    clock => clockWith(clock, { monotonic: () => Number.NaN }),
  ],
  ...(['close', 'keepClosed', 'answered', 'onClose'] as const).map(
    (method): Case => [
      `${method}, later`,
      IS_LIMITED,
      ended('completed'),
      method === 'keepClosed' ? 'not warned' : 'warned',
      clock => quotaWith(clock, method, boomLater),
    ],
  ),
  [
    'tryEnter, later',
    ASKS,
    ended('threw internal_error'),
    'not warned',
    () => projectsWith(() => ({ tryEnter: untyped(boomLater) })),
  ],
  ['leave, later', ASKS, paused, 'warned', () => projectsWith(() => ({ leave: boomLater }))],
  [
    'onFreed, later',
    ASKS,
    ['threw internal_error'],
    'not warned',
    () => projectsWith(() => ({ onFreed: untyped(boomLater) })),
  ],
];

const definition = (steps: Steps) => ({
  version: 1 as const,
  name: 'x',
  config: { agent: { kind: 'scripted' as const, steps } },
  sessions: [{ id: 'a', projectPath: tmpdir(), prompt: 'go' }],
});

/** Approves what is asked for, then pauses the group. */
const attend = (group: GroupRunner, events: GroupEvent[]): void => {
  group.events$.subscribe(event => {
    events.push(event);
    if (event.type === 'approval_requested') void group.answer(event.requestId, 'allow').catch(() => {});
    if (event.type === 'approval_answered') void group.pause().catch(() => {});
  });
};

/** It needs its session's folder. */
const agentWithLogs = (clock: SimulatedClock): Agent => {
  const agent = createScriptedAgent(clock);
  return { ...agent, capabilities: { ...agent.capabilities, logs: true } };
};

const common = (clock: SimulatedClock) => ({
  clock,
  agents: { scripted: agentWithLogs(clock) },
  projects: memoryProjectGate(),
  quota: new QuotaGate(clock, () => 0),
  attended: true,
});

async function liveOn(options: SessionGroupOptions, clock: SimulatedClock, steps: Steps) {
  const created = await settle(clock, createSessionGroup(definition(steps), options));
  if (typeof created === 'string') return { said: [created], events: [] };
  const events: GroupEvent[] = [];
  attend(created, events);
  const said: string[] = [];
  for (const ask of [() => created.run(), () => created.stop()]) {
    const answer = await settle(clock, ask());
    said.push(typeof answer === 'string' ? answer : answer.status);
  }
  said.push((await settle(clock, created.dispose())) ?? 'disposed');
  await new Promise(resolve => setImmediate(resolve)); // for what is unhandled, and for warnings
  return { said, events };
}

describe.each([
  ['agent', AGENTS],
  ['store', STORES],
  ['gates, clock and inspector', OTHERS],
])('a group whose %s throws comes to rest, or says why it cannot', (_, cases) => {
  test.each(cases)('%s', async (_what, steps, expected, warns, hosting) => {
    const clock = new SimulatedClock();
    const { said } = await liveOn({ ...common(clock), ...hosting(clock) }, clock, steps);
    expect(unhandled).toEqual([]);
    expect(said).toEqual(expected);
    expect(warned.size > 0 ? 'warned' : 'not warned').toBe(warns);
  });
});

describe('what a group says of a host that throws', () => {
  test('an agent that throws is a warning of its session, once; one that cannot be killed has misbehaved', async () => {
    const clock = new SimulatedClock();
    const throwing = agentWith(clock, {}, { interrupt: boom, terminate: boom, kill: boom });
    const { events } = await liveOn({ ...common(clock), ...throwing }, clock, HANGS);
    const said = events.flatMap(event =>
      event.type === 'session_warning'
        ? [event.message]
        : event.type === 'session_failed'
          ? [event.error.code]
          : [],
    );
    expect(said).toEqual([
      'the agent threw: boom',
      'the agent did not end after it was killed; what it started may still be running',
      'agent_misbehaved',
    ]);
  });

  test('the result of a session whose folder fails at its end is kept, with a warning', async () => {
    const clock = new SimulatedClock();
    const failing = storeWith(clock, owned => ({ sessionDir: boomFrom(3, owned.sessionDir) }));
    const { events } = await liveOn({ ...common(clock), ...failing }, clock, [{ result: LONG }]);
    expect(events.flatMap(event => (event.type === 'session_warning' ? [event.message] : []))).toEqual([
      "the session's folder cannot be used: the group's folder cannot be used: boom",
    ]);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'session_completed', result: cutText(LONG) }),
    );
  });

  test('an observer that throws keeps neither the group nor the other observers from going on', async () => {
    const clock = new SimulatedClock();
    const group = await createSessionGroup(definition(SAYS), common(clock));
    const seen: string[] = [];
    group.events$.subscribe(boom);
    group.events$.subscribe(boomLater);
    group.progress$.subscribe({ next: boomLater, complete: boomLater });
    group.progress$.subscribe({ next: boom, complete: boom });
    group.journal$().subscribe(boom);
    group.events$.subscribe(event => void seen.push(event.type));
    const result = await settle(clock, group.run());
    await settle(clock, group.dispose());
    await new Promise(resolve => setImmediate(resolve));
    expect(result).toMatchObject({ status: 'completed' });
    expect(seen.at(-1)).toBe('group_completed');
    expect(unhandled).toEqual([]);
    expect([...warned]).toEqual(['SESSION_GROUPS_SUBSCRIBER']);
  });

  test('a store that throws when a group is taken from it is an error with a code', async () => {
    const clock = new SimulatedClock();
    const store: GroupStore = { ...createMemoryStore({ clock }), take: async () => boom() };
    expect(await settle(clock, openSessionGroup('x', { ...common(clock), store }))).toBe(
      'threw store_failed',
    );
  });
});
