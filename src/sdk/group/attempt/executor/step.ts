import type { QueueNews, SentWork } from '../../tree/tree-call.ts';

/**
 * One step in a session's tree, for the machine that has it: plain JSON, without a path of a machine or the value of a
 * variable. It comes to the same end when it is carried out again.
 */
export interface StepOrder {
  readonly groupId: string;
  readonly sessionId: string;
  /** The identity of the session's repository, which says nothing of where it is. */
  readonly repository: string;
  /** The format of its object ids. */
  readonly format: 'sha1' | 'sha256';
  /** The place that has the tree; absent: none has it. Any other one makes it again, from these refs. */
  readonly at?: string;
  /** The place that is to take it, if it is there. Default: any. */
  readonly to?: string;
  /** What is to be done, and with what: plain JSON, for workers of this version. */
  readonly call: { readonly do: string; readonly args: readonly unknown[] };
  /** What the session's refs stand at in the group's repository, which has all that belongs to them. */
  readonly refs: Readonly<Record<string, string>>;
  /** Other commits that the call needs; the group's repository has them. */
  readonly needs: readonly string[];
}

/** What a machine answers to a step. */
export type StepAnswer = {
  /** The machine that has answered, or its folder of trees: the same for each worker that works in it. */
  readonly place: string;
} & (
  | (SentWork & { readonly kind: 'done'; readonly value: unknown })
  | (SentWork & { readonly kind: 'failed'; readonly error: StepFailure })
  /** It needs these commits first: it has those. */
  | { readonly kind: 'lacks'; readonly lacks: readonly string[]; readonly has: readonly string[] }
  /** The tree is not there, and the call does not make it. */
  | { readonly kind: 'elsewhere' }
);

/** Why a step could not be taken: a typed error as plain JSON. */
export interface StepFailure {
  /** `workspace_failed` and others that begin like it. */
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly retryable: boolean;
  readonly files: readonly string[];
}

/** How a step is sent. */
export interface StepOptions {
  /** What the place that takes it was lacking. */
  readonly pack?: Uint8Array | undefined;
  /** Cuts the step off: it rejects with the signal's reason once nothing of it is left, or is heard of. */
  readonly signal: AbortSignal;
  /** Called while it waits for a worker, and without news once it has one. */
  readonly onWait?: ((wait: QueueNews | undefined) => void) | undefined;
}
