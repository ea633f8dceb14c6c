import { join } from 'node:path';
import type { Clock } from '../../sdk/clock.ts';
import { type CommandRun, runCommands } from '../../sdk/delivery/run-commands.ts';
import { textOfThrown } from '../../sdk/errors.ts';
import { commandEnvironment, type HostEnvironment } from '../../sdk/group/config/environment.ts';
import { secretsOf } from '../../sdk/group/config/secrets.ts';
import type { OrderedCommands, RunElsewhere } from '../../sdk/group/tree/tree-call.ts';
import { addedTo, sizeOf } from '../../sdk/process/log-end.ts';
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

/** Of what commands have printed, this much goes to their group: bytes. */
const SENT_LOG_BYTES = 64 * 1024;

/** Runs set-up or checks in a session's tree. @throws WorkspaceError for a variable that this machine does not give. */
export async function runInTree(
  [{ order }, { env: set, envPolicy, log, ...commands }]: readonly [ReadyWorkspace, OrderedCommands],
  { clock, host, folder, groupId, sessionId, of, signal }: CommandsPlace,
): Promise<RunElsewhere> {
  const env = environmentOf({ env: set, envPolicy }, host);
  const logFile = join(folder, groupId, sessionId, 'logs', log);
  const run = {
    ...{ ...commands, cwd: join(folder, order.folder, order.inner), env, of, signal },
    ...{ secrets: secretsOf(env, Object.keys(set)), logFile },
  };
  const before = sizeOf(logFile);
  const outcome = await runCommands(run, clock);
  const text = addedTo(logFile, before, SENT_LOG_BYTES);
  return text === '' ? outcome : { ...outcome, log: text };
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
