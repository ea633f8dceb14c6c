import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../sdk/clock.ts';
import { type CommandRun, type CommandsOutcome, runCommands } from '../../sdk/delivery/run-commands.ts';
import { textOfThrown } from '../../sdk/errors.ts';
import { commandEnvironment, type HostEnvironment } from '../../sdk/group/config/environment.ts';
import { secretsOf } from '../../sdk/group/config/secrets.ts';
import type { OrderedCommands } from '../../sdk/group/tree/tree-call.ts';
import { WorkspaceError } from '../../sdk/workspace/error.ts';
import type { ReadyWorkspace } from '../../sdk/workspace/orders.ts';

/** Where commands run, and for whom. */
export interface CommandsPlace extends Pick<CommandRun, 'of' | 'signal'> {
  readonly clock: Clock;
  /** The variables that they may refer to and inherit. */
  readonly host: HostEnvironment;
  /** The trees are below it. */
  readonly folder: string;
  readonly groupId: string;
  readonly sessionId: string;
}

/** Runs set-up or checks in a session's tree. @throws WorkspaceError for a variable that this machine does not give. */
export function runInTree(
  [{ order }, { env: set, envPolicy, log, ...commands }]: readonly [ReadyWorkspace, OrderedCommands],
  { clock, host, folder, groupId, sessionId, of, signal }: CommandsPlace,
): Promise<CommandsOutcome> {
  const env = environmentOf({ env: set, envPolicy }, host);
  const logs = join(folder, groupId, sessionId, 'logs');
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const run = {
    ...{ ...commands, cwd: join(folder, order.folder, order.inner), env, of, signal },
    ...{ secrets: secretsOf(env, Object.keys(set)), logFile: join(logs, log) },
  };
  return runCommands(run, clock);
}

function environmentOf(
  session: Pick<OrderedCommands, 'env' | 'envPolicy'>,
  host: HostEnvironment,
): Record<string, string> {
  try {
    return commandEnvironment(session, host);
  } catch (reason) {
    throw new WorkspaceError('workspace_failed', `on this worker, ${textOfThrown(reason)}`);
  }
}
