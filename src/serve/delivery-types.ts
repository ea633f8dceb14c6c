import type {
  Changes,
  Diff,
  PullRequest,
  RepositoryDelivery,
  RepositoryUndo,
  SessionDelivery,
  UnmergedWork,
} from '../sdk/group/delivery/delivered.ts';
import type { FileChange } from '../sdk/workspace/port.ts';
import type { ApiError } from './api-types.ts';

export type { Changes, Diff, FileChange, RepositoryDelivery, RepositoryUndo, SessionDelivery, UnmergedWork };

/** The responses of the HTTP API about a group's work, as in `api-types.ts`. */

/** `GET /groups/:id/delivery`: what a group's sessions did, and which refs integrating would move. */
export interface DeliveryDetail {
  readonly sessions: readonly SessionDelivery[];
  readonly repositories: readonly RepositoryDelivery[];
  /** Short name of the branch that it was delivered into; absent: it was not, or sessions have completed since. */
  readonly delivered?: string;
  /** What `POST /groups/:id/integrate` would be refused with as the group stands now; absent: it is accepted. */
  readonly refusal?: Pick<ApiError['error'], 'code' | 'message' | 'hint'>;
  /** How a delivery that stopped part-way can be taken back; empty if there is none. */
  readonly undo: readonly RepositoryUndo[];
}

/**
 * `GET /groups/:id/diff` and `GET /groups/:id/sessions/:sid/diff`: files and text of what was changed; empty if nothing
 * is saved or merged yet.
 */
export interface DiffDetail {
  readonly changes: readonly Changes[];
  readonly diffs: readonly Diff[];
}

/** `GET /groups/:id/sessions/:sid/checks`: what its set-up and its checks printed. */
export interface ChecksDetail {
  readonly setup?: LogEnd;
  readonly verify?: LogEnd;
}

/** The end of a log. Untrusted: it may contain control characters. */
export interface LogEnd {
  /** At most 64 KiB. */
  readonly text: string;
  /** Whether earlier lines were left out. */
  readonly cut: boolean;
}

/** `POST /groups/:id/sessions/:sid/verify` (200): how its checks went; nothing follows from it. */
export interface CheckOutcome {
  /** `cut`: the request ended before they did. */
  readonly kind: 'green' | 'red' | 'cut';
  /** Of the one that failed: the command, how it ended, and the end of what it printed, at most 16 KiB. */
  readonly command?: string;
  readonly how?: string;
  readonly output?: string;
  readonly durationMs: number;
}

/** `POST /groups/:id/clean` (200). */
export interface CleanedGroup {
  /** Sessions whose trees were taken away. */
  readonly released: readonly string[];
  /** Trees that stay, and why. */
  readonly kept: readonly UnmergedWork[];
}

/** `POST /groups/:id/undo-delivery` (200). */
export interface UndoneDelivery {
  readonly repositories: readonly RepositoryUndo[];
}

/** `POST /groups/:id/pr` (200): the pull requests that were opened, or with `dryRun` would be. */
export interface OpenedRequests {
  readonly requests: readonly OpenedRequest[];
  /** Sessions that have none, and why. */
  readonly others: readonly { readonly session: string; readonly reason: string }[];
}

/** Title, body and output are untrusted. */
export interface OpenedRequest extends PullRequest {
  readonly outcome: 'planned' | 'opened' | 'failed';
  /** How the command failed, and the end of what it printed. */
  readonly how?: string;
  readonly output?: string;
}
