import { groupMachine } from '../../machines/group.machine.ts';
import { type ChartState, describeChart } from './describe-chart.ts';
import { toMermaid } from './mermaid.ts';

/** An outline of the chart of every group: its statuses and the transitions between them. */
export interface GroupChart {
  readonly mermaid: string;
  readonly initial: string;
  readonly states: readonly string[];
  /** One per pair of statuses, with all events that may cause it. */
  readonly transitions: readonly {
    readonly from: string;
    readonly to: string;
    readonly events: readonly string[];
  }[];
}

export function groupChart(): GroupChart {
  const { root } = describeChart(groupMachine);
  const passing = new Set(root.children.filter(isPassing).map(({ path }) => path));
  const states = root.children.filter(state => !passing.has(state.path));
  return {
    mermaid: toMermaid(groupMachine, { brief: true }),
    initial: 'created',
    states: states.map(({ path }) => path),
    transitions: states.flatMap(arrowsFrom).filter(({ to }) => !passing.has(to)),
  };
}

/** A transient state; it is not a status of a group. */
const isPassing = ({ transitions }: ChartState): boolean =>
  transitions.some(
    ({ trigger, branches }) => trigger === 'always' && branches.some(({ guard }) => guard === undefined),
  );

function arrowsFrom({ path, transitions }: ChartState): GroupChart['transitions'][number][] {
  const events = new Map<string, Set<string>>();
  for (const { trigger, branches } of transitions) {
    for (const target of branches.flatMap(branch => branch.targets)) {
      if (target !== path) events.set(target, (events.get(target) ?? new Set()).add(trigger));
    }
  }
  return [...events].map(([to, names]) => ({ from: path, to, events: [...names] }));
}
