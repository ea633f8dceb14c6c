import { WorkspaceError } from '../../workspace/error.ts';

/** The machine that had the session's tree has gone while a step was under way: the tree has to be found, or made again. */
export class TreeElsewhereError extends WorkspaceError {
  constructor(session: string) {
    super('workspace_failed', `the machine that had the tree of ${session} is gone`, { retryable: true });
  }
}
