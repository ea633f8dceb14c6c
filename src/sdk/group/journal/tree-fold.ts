import type { MergeOrder, ReadyWorkspace, ResultOrder, WorkspaceOrder } from '../../workspace/orders.ts';
import type { Conflict } from '../../workspace/port.ts';
import type { JournalRecord } from './records.ts';

/** What a session's journal says of its tree. Plain data; replaced, never mutated. */
export interface TreeFold {
  readonly order?: WorkspaceOrder | undefined;
  readonly ready?: ReadyWorkspace | undefined;
  readonly result?: ResultOrder | undefined;
  readonly merge?: MergeOrder | undefined;
  /** What its conversation is to resolve, or a person. */
  readonly conflict?: Conflict | undefined;
}

/** Applies a record to what is known of a tree. Returns the same object if it says nothing of it. */
export function applyToTree(tree: TreeFold, record: JournalRecord): TreeFold {
  switch (record.type) {
    case '_workspace':
      return { order: record.order };
    case '_workspace_ready':
      return { ...tree, ready: record.ready, conflict: record.conflict };
    case '_result':
      return { ...tree, result: record.order, conflict: undefined, merge: undefined };
    case '_merging':
      return { ...tree, merge: record.order };
    case 'session_conflict': {
      const { ours, theirs, files } = record;
      return { ...tree, conflict: { ours, theirs, files } };
    }
    default:
      return tree;
  }
}
