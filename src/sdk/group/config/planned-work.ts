import type { Command, VerifyConfig, WorkspaceConfig } from '../../delivery/config.ts';
import { given } from '../../given.ts';
import { branchOf, mergedBranch } from '../../workspace/names.ts';
import type { Integrate, ResolvedSession } from './resolve-session.ts';

/** Where a session works, what checks it, and where what it did goes. Nothing is created by planning it. */
export interface PlannedWork {
  readonly mode: WorkspaceConfig['mode'];
  /** The tree of its own; absent in the project's folder (`shared`). */
  readonly tree?: PlannedTree;
  /** Commands of the project that run outside the agent's permissions: set-up first, then checks. */
  readonly setup: readonly Command[];
  readonly verify?: VerifyConfig;
  /** Default: `none` in the project's folder. */
  readonly integrate: Integrate['mode'];
}

/** A tree of a session's own. */
export interface PlannedTree {
  /** The ref that it starts from. */
  readonly base: string;
  /** Short name, with `<group>` in place of the group's id. */
  readonly branch: string;
  /** Patterns of ignored files that are brought along. */
  readonly include: readonly string[];
  /** Variables that get a free port each. */
  readonly ports: readonly string[];
  readonly keep: WorkspaceConfig['keep'];
}

/** undefined: it works in the project's folder, and its word is enough. */
export function plannedWork({ id, workspace, verify, integrate }: ResolvedSession): PlannedWork | undefined {
  const { mode, base, include, setup, ports, keep } = workspace;
  if (mode === 'shared' && verify === undefined) return undefined;
  return {
    mode,
    ...(mode === 'shared'
      ? {}
      : { tree: { base, branch: withoutId(branchOf('group', id)), include, ports, keep } }),
    setup: mode === 'shared' ? [] : setup,
    ...given({ verify }),
    integrate: integrate.mode,
  };
}

/** A group gets its id when it is created. */
const withoutId = (ref: string): string =>
  ref.replace('refs/heads/session-groups/group/', 'session-groups/<group>/');

/** Short name of a group's branch, with `<group>` in place of its id. */
export const MERGED_BRANCH = withoutId(mergedBranch('group'));
