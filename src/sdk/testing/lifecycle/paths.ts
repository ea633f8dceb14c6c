import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import { createTestModel } from 'xstate/graph';
import { seededRandom } from '../seeded-random.ts';
import { isPossible, lifecycleEvents } from './events.ts';
import { lifecycleModel } from './model.ts';
import { leafOf, liveIn } from './sessions.ts';
import type { LifecycleInput, LifecycleStep } from './types.ts';
import { waysToStart } from './ways-to-start.ts';

export interface PathOptions {
  readonly walk: 'random' | 'shortest';
  readonly paths: number;
  readonly length: number;
  readonly seed: number;
}

/** A way through the model, from the start. */
export interface LifecyclePath {
  readonly steps: readonly LifecycleStep[];
  /** Takes the steps one after the other. */
  test(take: (step: LifecycleStep) => Promise<void>): Promise<void>;
}

type Snapshot = SnapshotFrom<typeof lifecycleModel>;
/** A step, and the state that it leads to. */
interface Taken {
  readonly step: LifecycleStep;
  readonly to: Snapshot;
}

/** What can't be done to a group whose sessions merge nothing, whose definition stays, and whose disk is sound. */
const LEFT_OUT: ReadonlySet<string> = new Set<LifecycleStep['type']>([
  'session.send',
  'integrate',
  'delivery.done',
  'delivery.refused',
  'delivery.ended',
  'session.blocked',
  'definition.change',
  'journal.failed',
]);

/** What distinguishes two states, apart from their sessions. The last answer is compared at each step. */
export function stateWithoutSessions({ value, context }: Snapshot): string {
  const {
    answer: _,
    standing: __,
    inPlay: ___,
    turns: ____,
    lost: _____,
    held: ______,
    sessions,
    ...rest
  } = context;
  return JSON.stringify([value, sessions.length, rest]);
}

/** In which order sessions came into play is theirs to forget. */
function stateKey(state: Snapshot): string {
  const { sessions, standing, inPlay, lost, turns, held } = state.context;
  const roles = sessions.map(({ id }) => {
    const { status = 'pending', skipReason } = standing[id] ?? {};
    const turn = status === 'pending' ? turns.indexOf(id) : -1;
    return [status, skipReason, inPlay.includes(id), lost.includes(id), turn, held.includes(id)];
  });
  return JSON.stringify([stateWithoutSessions(state), roles]);
}

/** Of a session; without one, they are refused. */
const OF_ONE: ReadonlySet<string> = new Set<LifecycleStep['type']>([
  'approval.answer',
  'session.pause',
  'session.resume',
]);

const stepsIn = (state: Snapshot, hasLimit: boolean): LifecycleStep[] =>
  lifecycleEvents(state).filter(
    ({ type, ...more }) =>
      !LEFT_OUT.has(type) &&
      (hasLimit || !type.startsWith('budget.')) &&
      !(OF_ONE.has(type) && !('session' in more)),
  );

/** Bounds what the search for shortest paths looks at. */
const MOST_STATES = 3_000;

/**
 * Paths through the life of a group. `random`: first, for each session that can start, a path on which it does; then
 * walks that the seed decides. `shortest`: the shortest path to each state, as far as the search gets.
 */
export function lifecyclePaths(
  input: LifecycleInput,
  hasLimit: boolean,
  { walk, paths, length, seed }: PathOptions,
): readonly LifecyclePath[] {
  let seen = 0;
  const model = createTestModel(lifecycleModel, {
    input,
    events: state => stepsIn(state, hasLimit),
    // XState adds events of its own to those, by the names in the machine.
    filterEvents: (state, step) => isPossible(state, step) && !LEFT_OUT.has(step.type),
    serializeState: stateKey,
    serializeEvent: event => JSON.stringify(event),
    stopWhen: () => ++seen > MOST_STATES,
  });
  const [start] = initialTransition(lifecycleModel, input);
  const found =
    walk === 'shortest'
      ? model
          .getShortestPaths()
          .map(path => ({ ...path, steps: path.steps.filter(({ event }) => isStep(event)).slice(0, length) }))
          .sort((a, b) => b.steps.length - a.steps.length)
      : model.getPaths(
          () =>
            Array.from({ length: paths }, (_, index) => {
              const target = input.sessions[index]?.id;
              const towards = target === undefined ? undefined : towardsStart(start, input, target);
              return statePath(start, towards ?? randomWalk(start, hasLimit, length, seed + index));
            }),
          { allowDuplicatePaths: true },
        );
  return found.slice(0, paths).map(path => ({
    steps: path.steps.map(({ event }) => event as LifecycleStep),
    async test(takeStep) {
      const execute = ({ event }: { readonly event: { readonly type: string } }) =>
        takeStep(event as LifecycleStep);
      const types = new Set(path.steps.map(({ event }) => event.type));
      await model.testPath(path, { events: Object.fromEntries([...types].map(type => [type, execute])) });
    },
  }));
}

const isStep = ({ type }: { readonly type: string }): boolean => !type.startsWith('xstate.');

/** As `xstate/graph` wants it. */
const statePath = (start: Snapshot, taken: readonly Taken[]) => ({
  state: taken.at(-1)?.to ?? start,
  steps: taken.map(({ step, to }) => ({ event: step, state: to })),
  weight: taken.length,
});

function take(from: Snapshot, step: LifecycleStep): Taken {
  const [to] = transition(lifecycleModel, from, step);
  return { step, to };
}

/** A group that has settled has little left to do: a walk seldom goes on from there. */
const GOES_ON_FROM_COMPLETED = 0.2;

function randomWalk(start: Snapshot, hasLimit: boolean, length: number, seed: number): Taken[] {
  const random = seededRandom(seed);
  const walk: Taken[] = [];
  let state = start;
  while (walk.length < length) {
    if (leafOf(state.value) === 'completed' && random() > GOES_ON_FROM_COMPLETED) break;
    const ways = stepsIn(state, hasLimit).map(step => ({ step, weight: weightOf(state, step) }));
    const way = pick(ways, random());
    if (!way) break;
    const taken = take(state, way.step);
    walk.push(taken);
    state = taken.to;
  }
  return walk;
}

/** Each as likely as its weight says. */
function pick<T extends { readonly weight: number }>(ways: readonly T[], random: number): T | undefined {
  let left = random * ways.reduce((sum, { weight }) => sum + weight, 0);
  for (const way of ways) {
    left -= way.weight;
    if (left < 0) return way;
  }
  return ways.at(-1);
}

/** A life in which much happens, and not always an end; refusals are met now and then. */
function weightOf(state: Snapshot, step: LifecycleStep): number {
  if (REQUESTS.has(step.type) && take(state, step).to.context.answer !== 'accepted') return 0.1;
  if (step.type === 'session.settled') return step.outcome === 'completed' ? 6 : 2;
  return WEIGHTS[step.type] ?? 2;
}
const REQUESTS: ReadonlySet<string> = new Set(['run', 'pause', 'resume', 'stop', 'retry']);
const WEIGHTS: Partial<Record<LifecycleStep['type'], number>> = {
  run: 20,
  resume: 12,
  retry: 8,
  'session.ready': 5,
  'session.pause': 0.5,
  'session.resume': 3,
  'quota.opened': 3,
  stop: 0.6,
  'engine.died': 1,
  'agent.unavailable': 0.5,
  'quota.tooLong': 0.5,
  'budget.exceeded': 1,
  'budget.change': 1,
};

/** The steps by which the session starts, until nothing is left to do; undefined if it can never start. */
function towardsStart(start: Snapshot, input: LifecycleInput, target: string): Taken[] | undefined {
  const { ends } = waysToStart(input.sessions, target);
  if (!ends) return undefined;
  const walk: Taken[] = [];
  for (let state = start; ; ) {
    const [live] = liveIn(state.context);
    const status = leafOf(state.value);
    let step: LifecycleStep;
    if (status === 'created') step = { type: 'run' };
    else if (status === 'paused') step = { type: 'resume' };
    else if (live === undefined) return walk;
    else {
      const isStop = status === 'stopping';
      const outcome = isStop ? 'stopped' : (ends.get(live) ?? 'completed');
      step = { type: 'session.settled', session: live, outcome };
    }
    const taken = take(state, step);
    walk.push(taken);
    state = taken.to;
  }
}

/** Sessions that no end of others ever lets start. */
export const neverStarting = ({ sessions }: LifecycleInput): string[] =>
  sessions.flatMap(({ id }) => (waysToStart(sessions, id).never ? [id] : []));
