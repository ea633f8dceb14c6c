import type { AnyStateMachine } from 'xstate';
import { type ChartBranch, type ChartState, type ChartTransition, describeChart } from './describe-chart.ts';

/**
 * The machine as a Markdown table: a row per state and event, with the branches in the order in which they are tried.
 * `·`: no change of state; `↻`: re-entry.
 */
export function toTransitionTable(machine: AnyStateMachine): string {
  const { root } = describeChart(machine);
  const rows = [
    ...(root.transitions.length > 0 ? rowsOf(root, 'any state') : []),
    ...root.children.flatMap(statesOf),
  ];
  return `${['| state | event | result |', '| --- | --- | --- |', ...rows].join('\n')}\n`;
}

function statesOf(state: ChartState): string[] {
  return [...rowsOf(state, state.path), ...state.children.flatMap(statesOf)];
}

function rowsOf(state: ChartState, name: string): string[] {
  const tags = state.tags.length === 0 ? '' : ` (${state.tags.join(', ')})`;
  const cells: (readonly [string, string])[] = [
    ...(state.description === undefined ? [] : [['', state.description] as const]),
    ...(state.invokes.length > 0 ? [['', `invokes ${state.invokes.join(', ')}`] as const] : []),
    ...(state.entry.length > 0 ? [['entry', state.entry.join(', ')] as const] : []),
    ...(state.exit.length > 0 ? [['exit', state.exit.join(', ')] as const] : []),
    ...merged(state.transitions).map(({ trigger, branches }) => [trigger, branches] as const),
  ];
  const shown = cells.length === 0 ? [['', '']] : cells;
  return shown.map(([event = '', result = ''], at) => {
    const first = at === 0 ? `**${escapeCell(name)}**${escapeCell(tags)}` : '';
    return `| ${first} | ${escapeCell(event)} | ${escapeCell(result)} |`;
  });
}

/** Events with the same result share a row. */
function merged(transitions: readonly ChartTransition[]): { trigger: string; branches: string }[] {
  const rows: { trigger: string; branches: string }[] = [];
  for (const { trigger, branches } of transitions) {
    const text = branches.map(branchText).join('; ');
    const same =
      trigger === 'always' ? undefined : rows.find(row => row.branches === text && row.trigger !== 'always');
    if (same) same.trigger += `, ${trigger}`;
    else rows.push({ trigger, branches: text });
  }
  return rows;
}

function branchText({ guard, targets, actions, reenter, description }: ChartBranch): string {
  const to = targets.length === 0 ? '·' : `${targets.join(', ')}${reenter ? ' ↻' : ''}`;
  return `${guard === undefined ? '' : `[${guard}] `}${to}${actions.length === 0 ? '' : ` / ${actions.join(', ')}`}${description === undefined ? '' : ` (${description})`}`;
}

function escapeCell(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\|*_<>`[\]]/g, char => `\\${char}`);
}
