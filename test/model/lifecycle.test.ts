// @module-tag long
import { afterAll, describe, expect, test, vi } from 'vitest';
import { initialTransition, type SnapshotFrom } from 'xstate';
import { adjacencyMapToArray, createTestModel } from 'xstate/graph';
import { groupMachine } from '../../machines/group.machine.ts';
import { GROUP_STATUSES } from '../../machines/vocabulary.ts';
import { lifecycleEvents } from '../../src/sdk/testing/lifecycle-events.ts';
import { lifecycleModel } from '../../src/sdk/testing/lifecycle-model.ts';
import type { LifecycleEvent, LifecycleInput } from '../../src/sdk/testing/lifecycle-types.ts';
import { LifecycleBench } from '../support/lifecycle-bench.ts';
import { stateOf } from '../support/state-of.ts';
import { coveringWalks } from '../support/walks.ts';

const nameOf = (event: LifecycleEvent) =>
  'outcome' in event
    ? `${event.type} ${event.outcome}`
    : 'reason' in event
      ? `${event.type} ${event.reason}`
      : event.type;

type Snapshot = SnapshotFrom<typeof lifecycleModel>;

/** The last answer is compared at each step; it makes no other state. */
const keyOf = ({ value, context: { answer: _, ...context } }: Snapshot) => JSON.stringify([value, context]);

/** With a session more there are too many states to meet all of these in each; they have nothing to do with it. */
const OF_MONEY_AND_TROUBLE = /^(budget|quota|agent|journal)\./;

function modelOf(input: LifecycleInput, only: (event: LifecycleEvent) => boolean = () => true) {
  return createTestModel(lifecycleModel, {
    input,
    events: lifecycleEvents,
    filterEvents: (state, event) =>
      only(event) &&
      !((state.context.grown || state.context.died) && OF_MONEY_AND_TROUBLE.test(event.type)) &&
      !(state.context.grown && event.type === 'engine.died') &&
      lifecycleEvents(state).some(one => nameOf(one) === nameOf(event)),
    serializeState: keyOf,
    serializeEvent: nameOf,
  });
}

/** Both lives, step by step; each step compares them, and `after` hears how the model stands then. */
async function live(
  input: LifecycleInput,
  events: readonly LifecycleEvent[],
  after: (event: LifecycleEvent, state: Snapshot) => void = () => {},
): Promise<void> {
  const both = await LifecycleBench.open(input);
  try {
    for (const event of events) {
      await both.happens(event);
      after(event, both.state);
    }
  } catch (error) {
    if (error instanceof Error) error.message += `\nafter ${events.map(nameOf).join(' → ')}`;
    throw error;
  }
  await both.close();
}

const eventsOf = (path: { steps: readonly { event: { type: string } }[] }) =>
  path.steps.map(step => step.event as LifecycleEvent).filter(event => !event.type.startsWith('xstate.'));

describe('the model of a group', () => {
  /** Between the chart and its own children and host; no state of the group hangs on them. */
  const PLUMBING = [
    'budget.changed',
    'admission.changed',
    'dependency.settled',
    'merge.wanted',
    'xstate.error.actor.*',
  ];
  /** Of the budget's chart, which the group's does not see. */
  const OF_OTHERS = ['budget.warning', 'engine.died'];

  interface Described {
    readonly on?: object;
    readonly states?: Readonly<Record<string, Described>>;
  }
  const statesIn = (config: Described, path = '*'): [string, Described][] => [
    [path, config],
    ...Object.entries(config.states ?? {}).flatMap(([name, state]) => statesIn(state, `${path}.${name}`)),
  ];
  const pairs = (config: Described) =>
    statesIn(config).flatMap(([path, { on = {} }]) => Object.keys(on).map(event => `${path} ${event}`));

  test('has the states of the shipped chart, and the events that each of them listens to', () => {
    const shipped = pairs(groupMachine.config as never).filter(
      pair => !PLUMBING.some(event => pair.endsWith(event)),
    );
    const modelled = pairs(lifecycleModel.config as never).filter(
      pair => !OF_OTHERS.some(event => pair.endsWith(event)),
    );
    expect(modelled.sort()).toEqual(shipped.sort());
    const pathsIn = (config: unknown) => statesIn(config as Described).map(([path]) => path);
    expect(['*.judging', '*.restoring', ...pathsIn(lifecycleModel.config)].sort()).toEqual(
      pathsIn(groupMachine.config).sort(),
    );
  });
});

describe('a real group lives as its model does', () => {
  // XState's development build says so of each event to the actors of an engine that has died.
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  afterAll(() => {
    vi.restoreAllMocks();
  });

  test('along every transition of the model, from every state', async () => {
    const input = { sessions: 2, errorThreshold: 1 };
    const map = modelOf(input).getAdjacencyMap();
    const graph = new Map<string, { event: LifecycleEvent; to: string }[]>(
      Object.keys(map).map(state => [state, []]),
    );
    for (const { state, event, nextState } of adjacencyMapToArray(map)) {
      graph.get(keyOf(state))?.push({ event, to: keyOf(nextState) });
    }
    const [initial] = initialTransition(lifecycleModel, input);
    const start = keyOf(initial);
    const covered = { states: new Set([start]), transitions: new Set<string>() };
    const walks = coveringWalks(graph, start, 400);
    for (const walk of walks) {
      let at = start;
      await live(input, walk, (event, state) => {
        covered.transitions.add(`${at} ${nameOf(event)}`);
        at = keyOf(state);
        covered.states.add(at);
      });
    }
    const all = [...graph.values()].reduce((sum, edges) => sum + edges.length, 0);
    expect(covered.states.size).toBe(graph.size);
    expect(covered.transitions.size).toBe(all);
    const values = new Set([...graph.keys()].map(key => stateOf(JSON.parse(key)[0])));
    expect([...values].sort()).toEqual(
      // The puppets merge nothing: what the chart does with that, the explorations know.
      [
        ...GROUP_STATUSES.filter(status => status !== 'delivering'),
        'interrupted.running',
        'interrupted.stopping',
      ].sort(),
    );
    process.stdout.write(
      `every transition: ${walks.length} walks over ${graph.size} states, ${all} transitions\n`,
    );
  });

  test('along the shortest path to every state, with three sessions', async () => {
    const input = { sessions: 3, errorThreshold: 2 };
    const model = modelOf(input, event => event.type !== 'engine.died'); // the walks above meet it everywhere
    const paths = model.getShortestPaths();
    for (const path of paths) {
      const both = await LifecycleBench.open(input);
      const step = ({ event }: { event: { type: string } }) => both.happens(event as LifecycleEvent);
      const types = new Set(eventsOf(path).map(event => event.type));
      await path.test({ events: Object.fromEntries([...types].map(type => [type, step])) as never });
      await both.close();
    }
    process.stdout.write(`shortest paths: ${paths.length}\n`);
    expect(paths.length).toBeGreaterThan(50);
  });

  test('along every simple path of pauses and ends, with two sessions', {
    timeout: 60_000,
  }, async () => {
    const input = { sessions: 2, errorThreshold: 1 };
    const core = new Set(['run', 'pause', 'resume', 'stop', 'session.settled', 'session.yielded']);
    const model = modelOf(input, event => core.has(event.type) && nameOf(event) !== 'session.yielded retry');
    const paths = model.getSimplePaths();
    for (const path of paths) await live(input, eventsOf(path));
    process.stdout.write(`simple paths: ${paths.length}\n`);
    expect(paths.length).toBeGreaterThan(10);
  });
});
