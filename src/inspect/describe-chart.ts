import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { GROUP_STATUSES, type GroupStatus } from '../../machines/vocabulary.ts';
import { expectArgument, isObject } from '../sdk/argument.ts';

/** One branch of a transition: branches are tried in order, and the first whose guard is true is taken. */
export interface ChartBranch {
  readonly guard?: string;
  /** Paths of the target states; empty: the state does not change. */
  readonly targets: readonly string[];
  readonly actions: readonly string[];
  /** Whether the state is exited and entered again. */
  readonly reenter: boolean;
  readonly description?: string;
}

/** The branches of one trigger in one state. */
export interface ChartTransition {
  /** `pause`, `always`, `after grace`, `prepare is done`. */
  readonly trigger: string;
  readonly branches: readonly ChartBranch[];
}

/** One state of a chart, with its children. */
export interface ChartState {
  /** State names from the root down, joined by dots; empty for the root. */
  readonly path: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  readonly invokes: readonly string[];
  readonly transitions: readonly ChartTransition[];
  /** The initial child; absent without children. */
  readonly initial?: string;
  readonly parallel: boolean;
  readonly children: readonly ChartState[];
}

/** A statechart as plain data, for diagrams and JSON. */
export interface Chart {
  readonly id: string;
  readonly root: ChartState;
}

/**
 * Describes a statechart as plain data, in source order. Complete: includes `always` and `after` transitions,
 * transitions without a target, invokes, and the transitions of the root.
 */
export function describeChart(machine: AnyStateMachine): Chart {
  expectMachine(machine);
  return { id: machine.id, root: describeState(machine.root) };
}

/** @throws SessionGroupsError `invalid_argument`. */
export function expectMachine(machine: unknown): void {
  const isMachine = isObject(machine) && isObject(machine.config) && isObject(machine.root);
  expectArgument(isMachine, 'machine', 'a state machine, as createMachine returns it');
}

/** A state and the states around it, from the inside. */
export type Chain = readonly [ChartState, ...ChartState[]];

/** The state and all that are in it, parents first, each with the states around it. */
export function* chainsIn(state: ChartState, around: readonly ChartState[] = []): Generator<Chain> {
  yield [state, ...around];
  for (const child of state.children) yield* chainsIn(child, [state, ...around]);
}

/** The status that a group has in the state of its chart with this path; undefined for any other state. */
export const groupStatusIn = (path: string): GroupStatus | undefined =>
  path.startsWith('interrupted.') ? undefined : GROUP_STATUSES.find(status => status === lastName(path));

/** The state's own name. */
export const lastName = (path: string): string => path.split('.').at(-1) ?? path;

function describeState(node: AnyStateNode): ChartState {
  const children = Object.values(node.states);
  const initial = node.type === 'compound' ? node.initial.target[0]?.key : undefined;
  return {
    path: node.path.join('.'),
    ...(node.description === undefined ? {} : { description: node.description }),
    tags: [...node.tags],
    entry: node.entry.map(nameOf).filter(isOurs),
    exit: node.exit.map(nameOf).filter(isOurs),
    invokes: node.invoke.map(({ src, id }) => invokeName(src, id)),
    transitions: [...alwaysOf(node), ...eventsOf(node), ...delaysOf(node)],
    ...(initial === undefined ? {} : { initial }),
    parallel: node.type === 'parallel',
    children: children.map(describeState),
  };
}

type Definition = AnyStateNode['transitions'] extends Map<string, (infer T)[]> ? T : never;

function alwaysOf(node: AnyStateNode): ChartTransition[] {
  const { always = [] } = node;
  return always.length === 0 ? [] : [{ trigger: 'always', branches: always.map(branchOf) }];
}

function eventsOf(node: AnyStateNode): ChartTransition[] {
  return [...node.transitions]
    .filter(([event]) => event !== '' && !event.startsWith('xstate.after.'))
    .map(([event, definitions]) => ({
      trigger: eventName(event, node),
      branches: definitions.map(branchOf),
    }));
}

function delaysOf(node: AnyStateNode): ChartTransition[] {
  const byDelay = new Map<string, ChartBranch[]>();
  for (const definition of node.after) {
    const delay = typeof definition.delay === 'number' ? `${definition.delay} ms` : String(definition.delay);
    byDelay.set(delay, [...(byDelay.get(delay) ?? []), branchOf(definition)]);
  }
  return [...byDelay].map(([delay, branches]) => ({ trigger: `after ${delay}`, branches }));
}

function branchOf(
  definition: Pick<Definition, 'guard' | 'target' | 'actions' | 'reenter' | 'description'>,
): ChartBranch {
  const targets = (definition.target ?? []).map(target => target.path.join('.'));
  return {
    ...(definition.guard === undefined ? {} : { guard: nameOf(definition.guard) }),
    targets,
    actions: definition.actions.map(nameOf).filter(isOurs),
    reenter: targets.length > 0 && definition.reenter,
    ...(definition.description === undefined ? {} : { description: definition.description }),
  };
}

/** XState starts and cancels delays with internal actions. */
function isOurs(action: string): boolean {
  return !action.startsWith('xstate.');
}

/** `prepare is done` for the done event of an invoked actor, else the event type. */
function eventName(event: string, node: AnyStateNode): string {
  for (const { src, id } of node.invoke) {
    if (event === `xstate.done.actor.${id}`) return `${sourceName(src)} is done`;
    if (event === `xstate.error.actor.${id}`) return `${sourceName(src)} has failed`;
  }
  return event;
}

function invokeName(src: unknown, id: string): string {
  const name = sourceName(src);
  return id.includes('.') || id === name ? name : `${name} as ${id}`;
}

function sourceName(src: unknown): string {
  return typeof src === 'string' ? src : 'an inline actor';
}

/** The name of a guard or an action, with the values of its static parameters. */
function nameOf(item: unknown): string {
  const type = typeOf(item);
  const params = typeof item === 'object' && item !== null && 'params' in item ? item.params : undefined;
  if (typeof params !== 'object' || params === null) return type;
  return `${type}(${Object.values(params).map(String).join(', ')})`;
}

/** The name of a guard or an action; `inline` for a function that has none. */
export function typeOf(item: unknown): string {
  if (typeof item === 'string') return item;
  const canHaveType = typeof item === 'function' || (typeof item === 'object' && item !== null);
  return canHaveType && 'type' in item && typeof item.type === 'string' ? item.type : 'inline';
}
