import { SessionGroupsError } from '../errors.ts';
import { given } from '../given.ts';

/** What is wrong with a workspace or its repository; the meanings are in design-docs/delivery.md, "Failures". */
export type WorkspaceCode =
  | 'workspace_no_repository'
  | 'workspace_untrusted'
  | 'workspace_incomplete'
  | 'workspace_failed'
  | 'workspace_moved';

/** A step of a workspace that could not be taken. What the step's order says is either done or not begun, never lost. */
export class WorkspaceError extends SessionGroupsError {
  override readonly name = 'WorkspaceError';
  /** Its code. */
  readonly workspace: WorkspaceCode;
  /** The same order may succeed later, with nothing changed but time: a foreign lock, a full disk. */
  readonly retryable: boolean;
  /** Paths from the top of the tree that are in the way, at most 100. Empty if it is not about files. */
  readonly files: readonly string[];

  constructor(code: WorkspaceCode, message: string, options: WorkspaceErrorOptions = {}) {
    super(code, message, given({ hint: options.hint, cause: options.cause }));
    this.workspace = code;
    this.retryable = options.retryable ?? false;
    this.files = (options.files ?? []).slice(0, MOST_FILES);
  }
}

const MOST_FILES = 100;

interface WorkspaceErrorOptions {
  readonly hint?: string;
  readonly cause?: unknown;
  /** Default: false. */
  readonly retryable?: boolean;
  readonly files?: readonly string[];
}

/** It may go away by itself, or with what the user deletes. */
const PASSING: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EAGAIN', 'EBUSY']);

/** What the system refused, as an error of the step; anything else as it is. */
export function ofStep(error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error;
  const retryable = PASSING.has(error.code);
  return new WorkspaceError('workspace_failed', error.message, { cause: error, retryable });
}
