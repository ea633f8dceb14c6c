import { groupMachine } from '../../machines/group.machine.ts';
import { GROUP_STATUSES } from '../../machines/vocabulary.ts';
import { type ChartState, describeChart } from './describe-chart.ts';
import { toMermaid } from './mermaid.ts';

/** The chart of every group in outline: its states, and what leads from one to another. */
export interface GroupChart {
  readonly mermaid: string;
  /** The `id` of a status is the status itself, of any other state its path. */
  readonly states: readonly GroupChartState[];
  /** Between states without children: one for all the events that may lead from here to there. */
  readonly transitions: readonly {
    readonly from: string;
    readonly to: string;
    readonly events: readonly string[];
  }[];
}

export interface GroupChartState {
  readonly id: string;
  readonly label: string;
  /** The `id` of the state that it is in. */
  readonly parent?: string;
  /** Entered first in its parent, or of all. */
  readonly initial: boolean;
  readonly isCompound: boolean;
}

const FIRST = 'created';

export function groupChart(): GroupChart {
  const { root } = describeChart(groupMachine);
  const states = root.children
    .filter(state => !isPassing(state))
    .flatMap(state => [...withChildren(state, [])]);
  const leaves = states.filter(({ state }) => state.children.length === 0);
  const ids = new Map(leaves.map(({ state, id }) => [state.path, id]));
  const entered = new Map(states.map(({ state }) => [state.path, ids.get(enteredIn(state)) ?? '']));
  return {
    mermaid: toMermaid(groupMachine, { brief: true }),
    states: states.map(({ state, id, ancestors }) => {
      const parent = ancestors.at(-1);
      const label = nameOf(state);
      return {
        id,
        label,
        ...(parent ? { parent: parent.path } : {}),
        initial: label === (parent ? parent.initial : FIRST),
        isCompound: state.children.length > 0,
      };
    }),
    transitions: leaves.flatMap(leaf => arrowsFrom(leaf, entered)),
  };
}

interface Placed {
  readonly state: ChartState;
  readonly id: string;
  readonly ancestors: readonly ChartState[];
}

function* withChildren(state: ChartState, ancestors: readonly ChartState[]): Generator<Placed> {
  const name = nameOf(state);
  const isStatus = GROUP_STATUSES.some(status => status === name) && !state.path.startsWith('interrupted.');
  yield { state, id: isStatus ? name : state.path, ancestors };
  for (const child of state.children) yield* withChildren(child, [...ancestors, state]);
}

const nameOf = ({ path }: ChartState): string => path.split('.').at(-1) ?? path;

/** A state in which the chart never stays: it is no status of a group. */
const isPassing = ({ tags }: ChartState): boolean => tags.includes('opening');

/** The path of the state without children that one is in after entering this one. */
function enteredIn(state: ChartState): string {
  const first = state.children.find(child => nameOf(child) === state.initial);
  return first ? enteredIn(first) : state.path;
}

/** Also those of the states that it is in. @param entered by the path of a target, the `id` of where it leads. */
function arrowsFrom(
  { state, id, ancestors }: Placed,
  entered: ReadonlyMap<string, string>,
): GroupChart['transitions'][number][] {
  const events = new Map<string, Set<string>>();
  for (const { trigger, branches } of [state, ...ancestors].flatMap(({ transitions }) => transitions)) {
    for (const target of branches.flatMap(branch => branch.targets)) {
      const to = entered.get(target);
      if (to !== undefined && to !== id) events.set(to, (events.get(to) ?? new Set()).add(trigger));
    }
  }
  return [...events].map(([to, names]) => ({ from: id, to, events: [...names] }));
}
