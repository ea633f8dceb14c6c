import { groupMachine } from '../../machines/group.machine.ts';
import { GROUP_STATUSES } from '../../machines/vocabulary.ts';
import { type ChartBranch, type ChartState, describeChart } from './describe-chart.ts';

/**
 * How a status answers a request: it `accepts` always, it `depends` on a guard, it is in effect `already`, or it
 * refuses with a code.
 */
type ChartAnswer = string;

/** By status and request; requests that are not listed are refused with `not_in_this_state`. */
type ChartAnswers = Readonly<Record<string, Readonly<Record<string, ChartAnswer>>>>;

/** What each status of a group accepts, from the transitions of the group's chart. */
export function chartAnswers(): ChartAnswers {
  const { root } = describeChart(groupMachine);
  const statuses = GROUP_STATUSES.flatMap(name => root.children.filter(({ path }) => path === name));
  return Object.fromEntries(statuses.map(status => [status.path, answersOf(status, root)]));
}

/** The transitions of a status come first; the root handles the events that they do not. */
function answersOf(status: ChartState, root: ChartState): Record<string, ChartAnswer> {
  const own = new Set(status.transitions.map(({ trigger }) => trigger));
  const handled = [...status.transitions, ...root.transitions.filter(({ trigger }) => !own.has(trigger))];
  const answers = handled.flatMap(({ trigger, branches }) => {
    const answer = branches.some(isAnswer) ? answerOf(branches) : NOT_IN_THIS_STATE;
    return answer === NOT_IN_THIS_STATE ? [] : [[trigger, answer] as const];
  });
  return Object.fromEntries(answers.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const NOT_IN_THIS_STATE = 'not_in_this_state';

const codeOf = ({ actions }: ChartBranch): string | undefined =>
  actions.map(action => /^refuse\((.*)\)$/.exec(action)?.[1]).find(code => code !== undefined);

/** The budget's chart answers the requests that are forwarded to it. */
const isAnswer = (branch: ChartBranch): boolean =>
  codeOf(branch) !== undefined ||
  branch.actions.some(name => name === 'accept' || name === 'forwardToBudget');

function answerOf(branches: readonly ChartBranch[]): ChartAnswer {
  const [first] = branches;
  if (first === undefined || branches.length > 1 || first.guard !== undefined) return 'depends';
  if (first.targets.length === 0 && first.actions.join() === 'accept') return 'already';
  return codeOf(first) ?? 'accepts';
}
