import type { AttemptSpec } from '../../../session/agent.ts';
import { WorkspaceError } from '../../../workspace/error.ts';
import type { ResolvedSession } from '../../config/resolve-session.ts';
import type { TreeWork } from '../../tree/tree-work.ts';
import type { AttemptHost } from '../attempt-host.ts';
import type { AttemptOrder } from './attempt-order.ts';
import { resolveOrder } from './resolve-order.ts';

/** Where a session is carried out on this machine. */
export interface Here {
  readonly session: ResolvedSession;
  readonly tree: TreeWork | undefined;
  readonly host: Pick<AttemptHost, 'env' | 'can' | 'configFolder' | 'logDir'>;
}

/** An order as it is carried out on this machine. @throws what is missing here. */
export const specHere = (order: AttemptOrder, { session, tree, host }: Here): AttemptSpec =>
  resolveOrder(order, {
    cwd: folderOf(session),
    host: host.env,
    environment: env => tree?.environment(env) ?? env,
    configFolder: order.config && host.configFolder(session.id),
    logDir: order.logs ? host.logDir(session.id) : undefined,
    can: host.can(session.agent.kind),
  });

/** Where the agent works. @throws WorkspaceError if its repository has not been cloned. */
function folderOf({ id, projectPath }: ResolvedSession): string {
  if (projectPath !== undefined) return projectPath;
  throw new WorkspaceError('workspace_failed', `session "${id}" has no workspace yet`);
}
