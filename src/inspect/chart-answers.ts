import { groupMachine } from '../../machines/group.machine.ts';
import { GROUP_STATUSES } from '../../machines/vocabulary.ts';
import { type Chain, type ChartBranch, chainsIn, describeChart, groupStatusIn } from './describe-chart.ts';

/**
 * How a status answers a request: `accepts` whatever stands in it, `depends` on a guard, `already` does what is asked
 * for, `unless_stopping` accepts it where no stop was under way, or refuses with a code.
 */
type ChartAnswer = string;

/** By status and request; requests that are not listed are refused with `not_in_this_state`. */
type ChartAnswers = Readonly<Record<string, Readonly<Record<string, ChartAnswer>>>>;

/** What each status of a group accepts, from the transitions of the group's chart. */
export function chartAnswers(): ChartAnswers {
  const { root } = describeChart(groupMachine);
  const leaves = [...chainsIn(root)].filter(([state]) => state.children.length === 0);
  const answers = new Map(leaves.map(chain => [chain[0].path, answersOf(chain)]));
  const { 'interrupted.running': running = {}, 'interrupted.stopping': stopping = {} } =
    Object.fromEntries(answers);
  const byStatus = new Map([...answers].map(([path, answer]) => [groupStatusIn(path), answer]));
  const statuses = GROUP_STATUSES.map(status => [status, byStatus.get(status) ?? {}]);
  return { ...Object.fromEntries(statuses), interrupted: whicheverWas(running, stopping) };
}

/** A state handles what its own transitions name; what none of their guards takes is left to the state around it. */
function answersOf(chain: Chain): Record<string, ChartAnswer> {
  const triggers = new Set(chain.flatMap(({ transitions }) => transitions.map(({ trigger }) => trigger)));
  const answers = [...triggers].flatMap(trigger => {
    const branches = branchesOf(chain, trigger);
    const answer = branches.some(isAnswer) ? answerOf(branches) : NOT_IN_THIS_STATE;
    return answer === NOT_IN_THIS_STATE ? [] : [[trigger, answer] as const];
  });
  return Object.fromEntries(answers.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function branchesOf(chain: Chain, trigger: string): readonly ChartBranch[] {
  const all: ChartBranch[] = [];
  for (const { transitions } of chain) {
    all.push(...(transitions.find(transition => transition.trigger === trigger)?.branches ?? []));
    if (all.length > 0 && all.at(-1)?.guard === undefined) break;
  }
  return all;
}

/** Of a group whose engine died: nobody sees whether a stop was under way before the group is taken over. */
const whicheverWas = (
  running: Record<string, ChartAnswer>,
  stopping: Record<string, ChartAnswer>,
): Record<string, ChartAnswer> =>
  Object.fromEntries(
    Object.entries(running).map(([request, answer]) => [
      request,
      request in stopping ? answer : 'unless_stopping',
    ]),
  );

const NOT_IN_THIS_STATE = 'not_in_this_state';
/** Refusals that hosts see as that one, with a hint. */
const LIKE_IT: ReadonlySet<string> = new Set(['sessions_unfinished', 'interrupted', 'stop_unfinished']);

const codeOf = ({ actions }: ChartBranch): string | undefined => {
  const code = actions.map(action => /^refuse\((.*)\)$/.exec(action)?.[1]).find(found => found !== undefined);
  return code !== undefined && LIKE_IT.has(code) ? NOT_IN_THIS_STATE : code;
};

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
