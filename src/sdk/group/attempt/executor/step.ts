import type { WorkspaceCode } from '../../../workspace/error.ts';
import type { ObjectId } from '../../../workspace/orders.ts';
import type { RepositoryView } from '../../../workspace/port.ts';
import type { SessionRefs } from '../../../workspace/transfer/transfer-port.ts';
import type { SentWork, TreeCall } from '../../tree/tree-call.ts';

/**
 * One step in a session's tree, for the machine that has it: plain JSON, without a path of a machine or the value of a
 * variable. It comes to the same end when it is carried out again (WORKSPACE-1).
 */
export interface StepOrder {
  readonly groupId: string;
  readonly sessionId: string;
  /** Of the session's repository: its identity and its object format. */
  readonly repository: string;
  readonly format: RepositoryView['format'];
  /** The place that has the tree; absent: none has it. Any other one makes it again, from these refs. */
  readonly at?: string;
  /** The place that is to take it, if it is there. Default: any. */
  readonly to?: string;
  readonly call: TreeCall;
  /** What the session's refs stand at in the group's repository, which has all that belongs to them. */
  readonly refs: SessionRefs;
  /** Other commits that the call needs; the group's repository has them. */
  readonly needs: readonly ObjectId[];
}

export type StepAnswer = {
  /** The machine that has answered, or its folder of trees: the same for each worker that works in it. */
  readonly place: string;
} & (
  | (SentWork & { readonly kind: 'done'; readonly value: unknown })
  | (SentWork & { readonly kind: 'failed'; readonly error: StepFailure })
  /** It needs these commits first: it has those. */
  | { readonly kind: 'lacks'; readonly lacks: readonly ObjectId[]; readonly has: readonly ObjectId[] }
  /** The tree is not there, and the call does not make it. */
  | { readonly kind: 'elsewhere' }
);

/** A `WorkspaceError` as plain JSON. */
export interface StepFailure {
  readonly code: WorkspaceCode;
  readonly message: string;
  readonly hint?: string;
  readonly retryable: boolean;
  readonly files: readonly string[];
}

export interface StepOptions {
  /** What the place that takes it was lacking. */
  readonly pack?: Uint8Array | undefined;
  /** Cuts the step off: it rejects with the signal's reason once nothing of it is left, or is heard of. */
  readonly signal: AbortSignal;
  /** Called while it waits for a worker, and without news once it has one. */
  readonly onWait?:
    | ((wait: { readonly workers: number; readonly ahead: number } | undefined) => void)
    | undefined;
}
