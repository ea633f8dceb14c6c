import { groupMachine } from '../../machines/group.machine.ts';
import {
  type Chain,
  type ChartState,
  chainsIn,
  describeChart,
  groupStatusIn,
  lastName,
} from './describe-chart.ts';
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
  const chains = root.children.filter(state => !isPassing(state)).flatMap(state => [...chainsIn(state)]);
  const entered = new Map(chains.map(([state]) => [state.path, idOf(enteredIn(state))]));
  return {
    mermaid: toMermaid(groupMachine, { brief: true }),
    states: chains.map(([state, parent]) => {
      const label = lastName(state.path);
      return {
        id: idOf(state),
        label,
        ...(parent ? { parent: parent.path } : {}),
        initial: label === (parent ? parent.initial : FIRST),
        isCompound: state.children.length > 0,
      };
    }),
    transitions: chains
      .filter(([state]) => state.children.length === 0)
      .flatMap(chain => arrowsFrom(chain, entered)),
  };
}

const idOf = ({ path }: ChartState): string => groupStatusIn(path) ?? path;

/** A state in which the chart never stays: it is no status of a group. */
const isPassing = ({ tags }: ChartState): boolean => tags.includes('opening');

/** The state without children that one is in after entering this one. */
function enteredIn(state: ChartState): ChartState {
  const first = state.children.find(({ path }) => lastName(path) === state.initial);
  return first ? enteredIn(first) : state;
}

/** Also those of the states that it is in. @param entered by the path of a target, the `id` of where it leads. */
function arrowsFrom(chain: Chain, entered: ReadonlyMap<string, string>): GroupChart['transitions'][number][] {
  const from = idOf(chain[0]);
  const events = new Map<string, Set<string>>();
  for (const { trigger, branches } of chain.flatMap(({ transitions }) => transitions)) {
    for (const target of branches.flatMap(branch => branch.targets)) {
      const to = entered.get(target);
      if (to !== undefined && to !== from) events.set(to, (events.get(to) ?? new Set()).add(trigger));
    }
  }
  return [...events].map(([to, names]) => ({ from, to, events: [...names] }));
}
