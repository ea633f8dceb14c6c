import type { Ports } from '../../../delivery/ports.ts';
import type {
  MergeOrder,
  ObjectId,
  ReadyWorkspace,
  ResultOrder,
  WorkspaceOrder,
} from '../../../workspace/orders.ts';
import type { Conflict } from '../../../workspace/port.ts';
import type { JournalRecord } from '../records.ts';

/** What a session's journal says of its tree. Plain data; replaced, never mutated. */
export interface TreeFold {
  readonly order?: WorkspaceOrder | undefined;
  /** The ports that it took last. */
  readonly ports?: Ports | undefined;
  readonly ready?: ReadyWorkspace | undefined;
  /** The place that has it, if that is elsewhere. */
  readonly at?: string | undefined;
  readonly result?: ResultOrder | undefined;
  /** What the session's changes are counted from, if not what it began with: others' work that it has taken in since. */
  readonly from?: ObjectId | undefined;
  readonly merge?: MergeOrder | undefined;
  /** Where its agent works, absolute, on the machine that made it. */
  readonly cwd?: string | undefined;
  /** The result is in the group's branch. */
  readonly isIntegrated?: boolean | undefined;
  /** How the checks of it went last; `running`: they have begun, and not ended in any way that counts. */
  readonly checks?: 'running' | 'green' | 'red' | undefined;
  /** The tree has been taken away; the branch is there. */
  readonly isReleased?: boolean | undefined;
  /** What its conversation is to resolve, or a person. */
  readonly conflict?: (Conflict & { readonly with?: readonly string[] }) | undefined;
  /** The conflict is in the tree's files. */
  readonly isConflictThere?: boolean | undefined;
  /** Its session is to start over, in a new tree. */
  readonly isStale?: boolean | undefined;
}

/** Applies a record to what is known of a tree. Returns the same object if it says nothing of it. */
export function applyToTree(tree: TreeFold, record: JournalRecord): TreeFold {
  switch (record.type) {
    case '_workspace':
      return { ports: tree.ports, order: record.order };
    case '_ports':
      return { ...tree, ports: record.ports };
    case '_workspace_ready':
      return { ...tree, ready: record.ready, ...AT_FIRST, conflict: record.conflict };
    case '_workspace_at':
      return { ...tree, at: record.place };
    case '_result':
      return { ...tree, result: record.order, from: countedFrom(tree), ...NOT_YET };
    case '_saved':
      return { ...tree, from: record.from };
    case '_merging':
      return { ...tree, merge: record.order };
    case 'workspace_ready':
      return { ...tree, cwd: record.path };
    case '_releasing':
      return { ...tree, isReleased: true };
    case '_conflict':
      return { ...tree, isConflictThere: true };
    case 'session_verifying':
      return { ...tree, checks: 'running' };
    case 'session_verified':
      return { ...tree, checks: 'green' };
    case 'session_retrying':
    case 'session_failed':
      return record.error.code === 'verify_failed' ? { ...tree, checks: 'red' } : tree;
    case 'session_integrated':
      return { ...tree, isIntegrated: true };
    case 'session_conflict': {
      const { ours, theirs, files, with: others } = record;
      return { ...tree, conflict: { ours, theirs, files, with: others }, isConflictThere: undefined };
    }
    default:
      return tree;
  }
}

/** What the changes of the next result are counted from: what the tree has taken in since is none of them. */
export const countedFrom = ({ conflict, merge, from }: TreeFold): ObjectId | undefined =>
  conflict?.theirs ?? merge?.onto ?? from;

/** What is left of a tree for a session that starts over: `--fresh`. */
export const staleTree = (tree: TreeFold): TreeFold => (tree.order ? { ...tree, isStale: true } : tree);

/** Of a tree that is ready. */
const AT_FIRST = {
  isReleased: undefined,
  isStale: undefined,
  isConflictThere: undefined,
} satisfies TreeFold;

/** Of a new result, nothing else is known. */
const NOT_YET = {
  merge: undefined,
  isIntegrated: undefined,
  checks: undefined,
  conflict: undefined,
  isConflictThere: undefined,
} satisfies TreeFold;
