import type { AnyStateMachine } from 'xstate';
import { expectMachine, typeOf } from './describe-chart.ts';

/**
 * The machine as JSON: the configuration that `createMachine` takes, as Stately's tools import it. It has every state,
 * transition, tag and description; guards, actions, actors and delays by name, with their static parameters. What JSON
 * cannot hold is left out: context, inputs, outputs, `meta`; a function in place of a name is called `inline`.
 *
 * @returns indented, with a line break at the end. The same machine gives the same text.
 * @example
 * const copy = createMachine(JSON.parse(toStatelyJson(groupMachine)));
 */
export function toStatelyJson(machine: AnyStateMachine): string {
  expectMachine(machine);
  return `${JSON.stringify({ ...statelyConfig(machine.config), id: machine.id }, undefined, 2)}\n`;
}

type Json = string | number | boolean | undefined | readonly Json[] | { readonly [key: string]: Json };

/** The serialisable part of a machine's configuration, key by key: nothing else of it gets out. */
export function statelyConfig(config: object): { readonly [key: string]: Json } {
  const state = config as Config;
  return {
    id: plain(state.id),
    description: plain(state.description),
    type: plain(state.type),
    history: plain(state.history),
    tags: each(state.tags, plain),
    initial: typeof state.initial === 'object' ? transition(state.initial) : plain(state.initial),
    target: plain(state.target),
    entry: each(state.entry, named),
    exit: each(state.exit, named),
    invoke: each(state.invoke, invoked),
    on: byKey(state.on, transitions),
    after: byKey(state.after, transitions),
    always: transitions(state.always),
    onDone: transitions(state.onDone),
    states: byKey(state.states, inner => (isObject(inner) ? statelyConfig(inner) : undefined)),
  };
}

type Config = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Config => typeof value === 'object' && value !== null;

const plain = (value: unknown): Json =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;

/** One or several, as XState takes them. */
const each = (value: unknown, to: (one: unknown) => Json): Json =>
  Array.isArray(value) ? value.map(to) : value === undefined ? undefined : to(value);

const byKey = (value: unknown, to: (one: unknown) => Json): Json =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, to(inner)]))
    : undefined;

const transitions = (value: unknown): Json => each(value, transition);

function transition(value: unknown): Json {
  if (!isObject(value)) return plain(value);
  return {
    guard: value.guard === undefined ? undefined : named(value.guard),
    target: each(value.target, plain),
    actions: each(value.actions, named),
    reenter: plain(value.reenter),
    description: plain(value.description),
  };
}

function named(value: unknown): Json {
  if (typeof value === 'string') return value;
  const params = isObject(value) ? byKey(value.params, plain) : undefined;
  return { type: typeOf(value), params };
}

function invoked(value: unknown): Json {
  if (!isObject(value)) return undefined;
  return {
    src: typeof value.src === 'string' ? value.src : 'inline',
    id: plain(value.id),
    onDone: transitions(value.onDone),
    onError: transitions(value.onError),
    onSnapshot: transitions(value.onSnapshot),
  };
}
