// @module-tag long
import { describe, expect, test } from 'vitest';
import { initialTransition, type SnapshotFrom } from 'xstate';
import { adjacencyMapToArray, createTestModel } from 'xstate/graph';
import { groupMachine } from '../../machines/group.machine.ts';
import { GROUP_STATUSES } from '../../machines/vocabulary.ts';
import { isPossible, lifecycleEvents } from '../../src/sdk/testing/lifecycle/events.ts';
import { lifecycleModel } from '../../src/sdk/testing/lifecycle/model.ts';
import { stateWithoutSessions } from '../../src/sdk/testing/lifecycle/paths.ts';
import type { Rehearsal } from '../../src/sdk/testing/lifecycle/rehearsal.ts';
import { heldIn, holdableIn, liveIn, statusOf } from '../../src/sdk/testing/lifecycle/sessions.ts';
import type { LifecycleInput, LifecycleStep } from '../../src/sdk/testing/lifecycle/types.ts';
import { stepWords } from '../../src/sdk/testing/lifecycle/words.ts';
import { alike, LifecycleBench } from '../support/lifecycle-bench.ts';
import { stateOf } from '../support/state-of.ts';
import { coveringWalks } from '../support/walks.ts';

type Snapshot = SnapshotFrom<typeof lifecycleModel>;

/** Its sessions are alike, and a stop skips or stops them: which of them stands how makes no other state. */
const keyOf = (state: Snapshot): string => {
  const { context } = state;
  const roles = context.sessions.map(({ id }) => {
    const status = statusOf(context, id);
    const more = `${context.lost.includes(id) ? ', lost' : ''}${heldIn(context).includes(id) ? ', held' : ''}`;
    return `${status === 'skipped' ? 'stopped' : status}${more}`;
  });
  return [stateWithoutSessions(state), ...roles.sort()].join();
};

/** The same, of the first session that it can be about: these stand alike. */
function ofFirst(step: LifecycleStep, { context }: Snapshot): LifecycleStep {
  const these = { 'session.pause': holdableIn, 'session.resume': heldIn } as const;
  const [session = ''] = (these[step.type as keyof typeof these] ?? liveIn)(context);
  return 'session' in step && step.session !== undefined ? { ...step, session } : step;
}
/** Which of them it is about makes no other step. */
const nameOf = (step: LifecycleStep) =>
  stepWords('session' in step && step.session !== undefined ? { ...step, session: 'it' } : step);

/** With a session more there are too many states to meet all of these in each; they have nothing to do with it. */
const OF_MONEY_AND_TROUBLE = /^(budget|quota|agent|journal)\./;
/** So it is with a hold and a message, which are met neither there nor with a session more. */
const isHold = (event: LifecycleStep) =>
  (event.type === 'session.pause' || event.type === 'session.send') && event.session !== undefined;
const isTroubled = ({ grown, money, limited }: Snapshot['context']) =>
  grown || money !== 'within' || limited !== undefined;

function modelOf(input: LifecycleInput, only: (event: LifecycleStep) => boolean = () => true) {
  return createTestModel(lifecycleModel, {
    input,
    events: lifecycleEvents,
    filterEvents: (state, event) =>
      only(event) &&
      !(event.type === 'session.yielded' && event.reason === 'quota') &&
      !(isHold(event) && isTroubled(state.context)) &&
      !(
        heldIn(state.context).length > 0 &&
        (event.type === 'definition.change' || event.type === 'session.asked')
      ) &&
      !(
        (state.context.grown || state.context.died || heldIn(state.context).length > 0) &&
        OF_MONEY_AND_TROUBLE.test(event.type)
      ) &&
      !(state.context.grown && event.type === 'engine.died') &&
      isPossible(state, event),
    serializeState: keyOf,
    serializeEvent: nameOf,
  });
}

/** Both lives, step by step; each step compares them, and `after` hears how the model stands then. */
async function live(
  rehearsal: Rehearsal,
  events: readonly LifecycleStep[],
  after: (event: LifecycleStep, state: Snapshot) => void = () => {},
): Promise<void> {
  const both = await LifecycleBench.open({ rehearsal });
  try {
    for (const event of events) {
      expect(await both.happens(ofFirst(event, both.state))).toHaveLength(1);
      after(event, both.state);
    }
  } catch (error) {
    if (error instanceof Error) error.message += `\nafter ${events.map(nameOf).join(' → ')}`;
    throw error;
  }
  await both.close();
}

const eventsOf = (path: { steps: readonly { event: { type: string } }[] }) =>
  path.steps.map(step => step.event as LifecycleStep).filter(event => !event.type.startsWith('xstate.'));

describe('the model of a group', () => {
  /** Between the chart and its own children and host; no state of the group hangs on them. */
  const PLUMBING = [
    'budget.changed',
    'admission.changed',
    'dependency.settled',
    'merge.wanted',
    'xstate.error.actor.*',
  ];
  /** Of the charts of the budget and of sessions, which the group's does not see. */
  const OF_OTHERS = ['budget.warning', 'engine.died', 'session.asked'];

  /** The model is of a group whose agents end with its engine; see `test/fleet`. */
  const ELSEWHERE = '*.interrupted.pausing';

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
      pair => !PLUMBING.some(event => pair.endsWith(event)) && !pair.startsWith(ELSEWHERE),
    );
    const modelled = pairs(lifecycleModel.config as never).filter(
      pair => !OF_OTHERS.some(event => pair.endsWith(event)),
    );
    expect(modelled.sort()).toEqual(shipped.sort());
    const pathsIn = (config: unknown) => statesIn(config as Described).map(([path]) => path);
    expect(['*.judging', '*.restoring', ELSEWHERE, ...pathsIn(lifecycleModel.config)].sort()).toEqual(
      pathsIn(groupMachine.config).sort(),
    );
  });
});

describe('a real group lives as its model does', () => {
  test('along every transition of the model, from every state', { timeout: 600_000 }, async () => {
    const rehearsal = await alike(2, 1);
    const { input } = rehearsal;
    const map = modelOf(input).getAdjacencyMap();
    const graph = new Map<string, { event: LifecycleStep; to: string }[]>(
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
      await live(rehearsal, walk, (event, state) => {
        covered.transitions.add(`${at} ${nameOf(event)}`);
        at = keyOf(state);
        covered.states.add(at);
      });
    }
    const all = [...graph.values()].reduce((sum, edges) => sum + edges.length, 0);
    expect(covered.states.size).toBe(graph.size);
    expect(covered.transitions.size).toBe(all);
    const values = new Set(Object.values(map).map(({ state }) => stateOf(state.value)));
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

  test('along the shortest path to every state, with three sessions', { timeout: 600_000 }, async () => {
    const rehearsal = await alike(3, 2);
    const { input } = rehearsal;
    const model = modelOf(input, event => event.type !== 'engine.died'); // the walks above meet it everywhere
    const paths = model.getShortestPaths();
    for (const path of paths) {
      const both = await LifecycleBench.open({ rehearsal });
      const step = ({ event }: { event: { type: string } }) =>
        both.happens(ofFirst(event as LifecycleStep, both.state));
      const types = new Set(eventsOf(path).map(event => event.type));
      await path.test({ events: Object.fromEntries([...types].map(type => [type, step])) as never });
      await both.close();
    }
    process.stdout.write(`shortest paths: ${paths.length}\n`);
    expect(paths.length).toBeGreaterThan(50);
  });

  test('along every simple path of pauses and ends, with two sessions', async () => {
    const rehearsal = await alike(2, 1);
    const { input } = rehearsal;
    const core = new Set(['run', 'pause', 'resume', 'stop', 'session.settled', 'session.yielded']);
    const model = modelOf(input, event => core.has(event.type) && nameOf(event) !== 'it fails for now');
    const paths = model.getSimplePaths();
    for (const path of paths) await live(rehearsal, eventsOf(path));
    process.stdout.write(`simple paths: ${paths.length}\n`);
    expect(paths.length).toBeGreaterThan(10);
  });
});
