import { groupMachine } from '../../machines/group.machine.ts';
import { GROUP_STATUSES } from '../../machines/vocabulary.ts';
import { type ChartBranch, type ChartState, describeChart } from './describe-chart.ts';

/**
 * How a status answers a request: `accepts` whatever stands in it, `depends` on a guard, `already` does what is asked
 * for, or refuses with a code.
 */
type ChartAnswer = string;

/** By status and request; what is not there is refused with `not_in_this_state`. */
type ChartAnswers = Readonly<Record<string, Readonly<Record<string, ChartAnswer>>>>;

/** What each status of a group accepts, as the transitions of the group's chart say it. */
export function chartAnswers(): ChartAnswers {
  const { root } = describeChart(groupMachine);
  const statuses = GROUP_STATUSES.flatMap(name => root.children.filter(({ path }) => path === name));
  return Object.fromEntries(statuses.map(status => [status.path, answersOf(status, root)]));
}

/** A status handles what its own transitions name, and the root whatever they do not. */
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

/** The budget's own chart answers what it is forwarded. */
const isAnswer = (branch: ChartBranch): boolean =>
  codeOf(branch) !== undefined ||
  branch.actions.some(name => name === 'accept' || name === 'forwardToBudget');

function answerOf(branches: readonly ChartBranch[]): ChartAnswer {
  const [first] = branches;
  if (first === undefined || branches.length > 1 || first.guard !== undefined) return 'depends';
  if (first.targets.length === 0 && first.actions.join() === 'accept') return 'already';
  return codeOf(first) ?? 'accepts';
}
