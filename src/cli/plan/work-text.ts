import { counted, formatBytes, formatElapsed } from '../../sdk/format.ts';
import type { GroupPlan, PlannedSession } from '../../sdk/group/api/plan.ts';
import type { TreeSizes } from '../../sdk/group/delivery/tree-sizes.ts';
import { cleanLine } from '../text.ts';

/** The folder below which trees are made, and what they take. */
export interface PlannedDisk {
  readonly workDir: string;
  readonly trees: readonly TreeSizes[];
}

/** What a group creates and moves, and what that needs: empty if no session has a tree of its own. */
export function deliveryLines({ delivery }: GroupPlan, disk: PlannedDisk | undefined): readonly string[] {
  if (delivery === undefined) return [];
  const { into, scope, merged } = delivery;
  const all = scope === 'all' ? 'in every repository or in none' : 'in each repository that can';
  return [
    'Delivery',
    ...(merged === undefined ? [] : [`  merged in order into ${merged}, in each repository`]),
    into === undefined ? '  moves no branch of yours' : `  then moves your branch ${cleanLine(into)}, ${all}`,
    ...(disk === undefined ? [] : [`  trees below ${cleanLine(disk.workDir)}`, ...disk.trees.map(treesLine)]),
    '',
  ];
}

function treesLine({ project, sessions, size, reason }: TreeSizes): string {
  const trees = `  ${counted(sessions.length, 'tree')} of ${cleanLine(project)}`;
  if (size === undefined) return `${trees}: size unknown: ${cleanLine(reason ?? '')}`;
  const each = `${counted(size.files, 'file')}${sessions.length > 1 ? ' each' : ''}`;
  return `${trees}: ${formatBytes(size.bytes * sessions.length)} on disk (${each}), before set-up`;
}

/** Where a session works, what checks it, and what runs outside its agent's permissions. */
export function workLines({ work }: PlannedSession, warn: (text: string) => string): readonly string[] {
  if (work === undefined) return [];
  const { mode, tree, setup, verify, integrate } = work;
  const commands = [
    ...setup.map(command => ['sets up with', command] as const),
    ...(verify?.commands ?? []).map(command => ['checks with', command] as const),
  ].map(([what, command]) => {
    const line = typeof command === 'string' ? command : command.join(' ');
    return `    ${what}: ${cleanLine(line)}`;
  });
  const checks = verify
    ? [
        `      until they pass, at most ${counted(verify.attempts, 'time')}, ${formatElapsed(verify.timeout)} each`,
      ]
    : [];
  return [
    ...(tree === undefined ? [] : treeLines(mode, tree, integrate)),
    ...commands,
    ...checks,
    ...(commands.length > 0
      ? [`      ${warn("these commands run the project's code outside the agent's permissions")}`]
      : []),
  ];
}

const GOES = {
  none: 'stays there',
  branch: 'stays on that branch',
  merge: "is merged into the group's branch",
  pr: 'stays on that branch, for a pull request',
} as const;

type Work = NonNullable<PlannedSession['work']>;

function treeLines(
  mode: Work['mode'],
  tree: NonNullable<Work['tree']>,
  integrate: Work['integrate'],
): string[] {
  const { base, branch, include, ports, keep } = tree;
  const kind = mode === 'checkout' ? 'a clone' : 'a worktree';
  return [
    `    workspace: ${kind} of its own from ${cleanLine(base)}, branch ${branch}`,
    `      its result ${GOES[integrate]}; the tree is kept ${keep === 'always' ? 'until it is cleaned up' : 'until that is merged'}`,
    ...(include.length > 0 ? [`      brings along: ${cleanLine(include.join(', '))}`] : []),
    ...(ports.length > 0 ? [`      free ports: ${ports.join(', ')}`] : []),
  ];
}
