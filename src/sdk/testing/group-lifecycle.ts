import type { GroupStatus } from '../../../machines/vocabulary.ts';
import { expectArgument, hasMethods, isCount, isObject } from '../argument.ts';
import { textOfThrown } from '../errors.ts';
import { given } from '../given.ts';
import type { SessionGroupOptions } from '../group/api/options.ts';
import { createMemoryStore } from '../group/store/memory-store.ts';
import type { GroupStore } from '../group/store/store.ts';
import type { SessionGroupInput } from '../group/types.ts';
import type { Agent } from '../session/agent.ts';
import { capabilitiesOf } from '../session/own/registered.ts';
import { SimulatedClock } from '../simulated-clock.ts';
import { type LifecyclePath, lifecyclePaths, neverStarting } from './lifecycle/paths.ts';
import { type PuppetResult, rehearse } from './lifecycle/rehearsal.ts';
import { leafOf } from './lifecycle/sessions.ts';
import { stepWords } from './lifecycle/words.ts';
import { LifecycleWorld } from './lifecycle/world.ts';
import { createPuppetAgent } from './puppet-agent.ts';

/** How a group's lifecycle is tested. Everything has a default. */
export interface GroupLifecycleOptions {
  /**
   * `random`: for each session a path on which it starts, then walks that the seed decides. `shortest`: the shortest
   * path to each state that the search reaches; for small groups, that is every state. Default: `random`.
   */
  readonly walk?: 'random' | 'shortest';
  /** The largest number of paths. Default: 50. */
  readonly paths?: number;
  /** The largest number of steps of a walk, or of a shortest path. Default: 25. */
  readonly length?: number;
  /** Decides the random walks; a failure names it. Default: 1. */
  readonly seed?: number;
  /**
   * Your own agents by kind, made anew for each path. They act by themselves, within the process and on this clock only,
   * and are held to the rules of the agent port. Default: puppets in place of all agents.
   */
  readonly agents?: (clock: SimulatedClock) => Readonly<Record<string, Agent>>;
  /**
   * Kinds of `agents` for which puppets stand in all the same: of your agent, only the schema of its options and its
   * capabilities are used. Default: none.
   */
  readonly puppets?: readonly string[];
  /** A store for each path, and how a group's owner dies in it, as in the stores' conformance suite. Default: memory. */
  readonly store?: () => { readonly store: GroupStore; killOwner(id: string): void };
  /** What the puppets return, by session; required where a session has an `outputSchema`. */
  readonly results?: Readonly<Record<string, PuppetResult>>;
  /** The base of a definition object's relative paths and of its `templates/`. Default: the working directory. */
  readonly baseDir?: string;
  /** Environment for references such as `${TOKEN}`. Default: process.env. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Receives XState's inspection events of each group. */
  readonly inspect?: SessionGroupOptions['inspect'];
}

/** One path through a group's life, as a test that rejects where the group breaks a promise. */
export interface GroupLifecycleCase {
  /** The number of the path, its first steps, and the seed. */
  readonly name: string;
  /** What happens, in words. */
  readonly steps: readonly string[];
  run(): Promise<void>;
}

/** What the paths of a group have met. */
export interface GroupLifecycleReport {
  readonly seed: number;
  readonly paths: number;
  readonly steps: number;
  /** In which the group has been at the end of a step. */
  readonly statuses: readonly GroupStatus[];
  /** Sessions that can never start, because their dependencies contradict each other; as far as the search gets. */
  readonly neverStarting: readonly string[];
}

/**
 * Tests the lifecycle of your own group, by paths through a model of it: sessions complete, fail, are limited, ask; the
 * group is paused, resumed, stopped, retried; its budget is spent; its engine dies and another opens it. Each path is
 * lived by a real group on a simulated clock. After each step, group and model agree, and the promises hold: the budget,
 * the order of the dependencies, at most one live attempt per session, nothing live at rest, `completed` only if
 * everything is, and a reason for whatever waits.
 *
 * Agents are replaced by puppets, kind by kind, unless they are in `agents`: no program is started and nothing is spent.
 * Workspaces, checks, deliveries and clones are left out, and nothing times out.
 *
 * @param definition path of a YAML or JSON file, or the definition itself.
 * @throws Error with the promises that are broken, the path as readable steps, and the seed; DefinitionError;
 * SessionGroupsError `invalid_argument` for a session whose output nothing says.
 */
export async function testGroupLifecycle(
  definition: string | SessionGroupInput,
  options: GroupLifecycleOptions = {},
): Promise<GroupLifecycleReport> {
  const { cases, report } = await prepare(definition, options);
  for (const one of cases) await one.run();
  return report();
}

/**
 * The paths of `testGroupLifecycle` as cases, for the `test` of any framework: `for (const { name, run } of await
 * groupLifecycleCases(definition)) test(name, run)`.
 */
export async function groupLifecycleCases(
  definition: string | SessionGroupInput,
  options: GroupLifecycleOptions = {},
): Promise<readonly GroupLifecycleCase[]> {
  const { cases } = await prepare(definition, options);
  return cases;
}

/** What a test that isn't typed gets wrong would make it pass without having tested anything. */
function checkOptions(options: GroupLifecycleOptions): void {
  expectArgument(isObject(options), 'options', 'an object');
  const { walk = 'random', paths = 1, length = 1, seed = 1, agents, store } = options;
  expectArgument(walk === 'random' || walk === 'shortest', 'options.walk', 'random or shortest');
  expectArgument(isCount(paths, 1), 'options.paths', 'a whole number above 0');
  expectArgument(isCount(length, 1), 'options.length', 'a whole number above 0');
  expectArgument(Number.isSafeInteger(seed), 'options.seed', 'a whole number');
  expectArgument(agents === undefined || typeof agents === 'function', 'options.agents', AGENTS);
  expectArgument(store === undefined || typeof store === 'function', 'options.store', STORE);
}

const AGENTS = 'a function that returns your agents by kind: clock => ({ mine: createMyAgent(clock) })';
const STORE = 'a function that returns { store, killOwner }';

async function prepare(definition: string | SessionGroupInput, options: GroupLifecycleOptions) {
  checkOptions(options);
  const { walk = 'random', paths: most = 50, length = 25, seed = 1, env, baseDir, results } = options;
  const ownAgents = options.agents ? options.agents(new SimulatedClock()) : {};
  expectArgument(isObject(ownAgents), 'options.agents', AGENTS);
  for (const kind of options.puppets ?? [])
    expectArgument(Object.hasOwn(ownAgents, kind), `options.puppets: ${kind}`, 'a kind of your agents');
  const actsItself = (kind: string) => Object.hasOwn(ownAgents, kind) && !options.puppets?.includes(kind);
  const rehearsal = await rehearse(definition, {
    ...{ agents: ownAgents, actsItself },
    ...given({ env, baseDir, results }),
  });
  const kinds = new Set([...rehearsal.sessions.values()].map(({ agent: { kind } }) => kind));
  const paths = lifecyclePaths(rehearsal.input, rehearsal.limitUsd !== undefined, {
    ...{ walk, length, seed },
    paths: most,
  });
  const met = new Set<string>();
  let steps = 0;

  const live = async (path: LifecyclePath, title: string): Promise<void> => {
    const clock = new SimulatedClock();
    const acting = Object.entries(options.agents?.(clock) ?? {}).filter(([kind]) => actsItself(kind));
    const puppets = [...kinds]
      .filter(kind => !actsItself(kind))
      .map(kind => {
        // Of the files that it changes, git would have to be asked.
        const capabilities = { ...capabilitiesOf(ownAgents)(kind), changesFiles: false };
        return [kind, createPuppetAgent({ kind, capabilities, ignoresInterrupt: true })] as const;
      });
    const taken: string[] = [];
    try {
      const world = await LifecycleWorld.open({
        ...{ rehearsal, clock, puppets: new Map(puppets), store: storeOf(options) },
        ...(acting.length > 0 ? { agents: Object.fromEntries(acting) } : {}),
        ...given({ results, env, inspect: options.inspect }),
      });
      await path.test(async step => {
        taken.push(world.isAgents(step) ? 'the agents work' : stepWords(step));
        const happened = await world.happens(step);
        taken.splice(-1, 1, ...happened.map(stepWords));
        steps += happened.length;
        met.add(leafOf(world.state.value));
      });
      taken.push('dispose');
      await world.close();
    } catch (error) {
      const [what = ''] = textOfThrown(error).split(PATH_OF_XSTATE);
      const lines = taken.map((words, at) => `  ${at + 1}. ${words}`);
      throw new Error(`${what}\n${title}:\n${lines.join('\n')}`, { cause: error });
    }
  };

  const cases = paths.map((path, at): GroupLifecycleCase => {
    const words = path.steps.map(stepWords);
    const beginning = words.length > 4 ? [...words.slice(0, 4), '…'] : words;
    const title = `path ${at + 1} of ${paths.length} of "${rehearsal.name}" (${walk}, seed ${seed})`;
    return {
      name: `path ${at + 1} (seed ${seed}): ${beginning.join(' → ')}`,
      steps: words,
      run: () => live(path, title),
    };
  });
  const report = (): GroupLifecycleReport => ({
    ...{ seed, paths: paths.length, steps },
    statuses: [...met] as GroupStatus[],
    neverStarting: neverStarting(rehearsal.input),
  });
  return { cases, report };
}

/** Where `xstate/graph` begins to add the path in its own words. */
const PATH_OF_XSTATE = /\n\s*Path:/;

/** Of one path. */
function storeOf(options: GroupLifecycleOptions) {
  const made = (options.store ?? memory)();
  expectArgument(hasMethods(made, 'killOwner'), 'options.store', STORE);
  return made;
}

function memory() {
  const store = createMemoryStore();
  return { store, killOwner: (id: string) => store.crash(id) };
}
