import { isLiveSession } from '../../../../machines/vocabulary.ts';
import { type Clock, systemClock } from '../../clock.ts';
import { asVariables } from '../../delivery/ports.ts';
import { type CommandsOutcome, runCommands } from '../../delivery/run-commands.ts';
import { RefusedError } from '../../errors.ts';
import { childEnvironment, withoutCredentials } from '../config/environment.ts';
import { resolveSession } from '../config/resolve-session.ts';
import { secretsOf } from '../config/secrets.ts';
import { foldOf } from '../standing/saved-group.ts';
import type { StoredGroup } from '../store/store.ts';
import { workplaceOf } from './workplace.ts';

export interface RecheckOptions {
  /** Default: the system clock. */
  readonly clock?: Clock;
  /** Default: process.env. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Ends the command that runs. */
  readonly signal?: AbortSignal;
  /** Called with each line that the checks print; untrusted. */
  readonly onLine?: (line: string) => void;
}

/**
 * Runs the checks of a session again, where it works. Nothing follows from how they end, and nothing is journalled: what
 * is there now is checked, whoever wrote it.
 *
 * @throws RefusedError `not_in_this_state` while the session is live, or if it has no checks or no folder.
 */
export async function recheckSession(
  stored: Pick<StoredGroup, 'group' | 'fold' | 'records'>,
  id: string,
  options: RecheckOptions = {},
): Promise<CommandsOutcome> {
  const { clock = systemClock, env = process.env, signal = new AbortController().signal, onLine } = options;
  const { id: groupId, definition } = stored.group;
  const given = definition.sessions.find(session => session.id === id);
  const fold = foldOf(stored).sessions.get(id);
  const session = given && resolveSession(given, definition.config);
  if (!session?.verify) throw refused(`${id} has no checks`, 'Add verify to its definition.');
  if (isLiveSession(fold?.status ?? 'pending'))
    throw refused(`the checks of ${id} cannot be run while it is ${fold?.status}`, 'Pause its group first.');
  const cwd = workplaceOf(session, fold);
  const own = withoutCredentials(childEnvironment(session, env));
  return runCommands(
    {
      ...{ commands: session.verify.commands, timeoutMs: session.verify.timeout, cwd, signal },
      env: { ...own, ...asVariables(fold?.tree.ports) },
      secrets: secretsOf(own, Object.keys(session.env)),
      of: { groupId, sessionId: id, attempt: fold?.attempts ?? 0 },
      ...(onLine ? { onLine } : {}),
    },
    clock,
  );
}

const refused = (message: string, hint: string): RefusedError =>
  new RefusedError('not_in_this_state', message, { hint });
