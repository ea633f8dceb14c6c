import { isLiveSession, isSettled } from '../../../../machines/vocabulary.ts';
import { RefusedError } from '../../errors.ts';
import { shellWord } from '../../format.ts';
import { type ByHand, byHand } from '../../session/by-hand.ts';
import { type HostEnvironment, resolveReferences } from '../config/environment.ts';
import { type ResolvedSession, resolveSession } from '../config/resolve-session.ts';
import { foldOf } from '../standing/saved-group.ts';
import type { StoredGroup } from '../store/store.ts';
import { sessionLogs } from './session-log.ts';
import { workplaceOf } from './workplace.ts';

/** How a person goes on with a session's conversation. */
export interface OpenCommand {
  readonly session: ResolvedSession;
  readonly conversationId: string;
  /** Where it works. */
  readonly cwd: string;
  readonly program: ByHand;
  /** For a shell: `cd FOLDER && claude --resume ID`. */
  readonly line: string;
}

/** The client's own config folder of a session that has one, below the session's. */
const OWN_CONFIG = 'config/home';

/**
 * The command that goes on with a session's conversation by hand. It says where the conversation is, and no secrets.
 *
 * @param env where `HOME`, the config folder and the program are looked for.
 * @throws RefusedError `no_conversation`; `not_in_this_state` while the session is live or may start at any moment.
 */
export function openCommand(
  stored: Pick<StoredGroup, 'group' | 'fold' | 'records' | 'dir' | 'owner'>,
  id: string,
  env: HostEnvironment,
): OpenCommand {
  const { id: groupId, definition } = stored.group;
  const found = definition.sessions.find(session => session.id === id);
  if (!found) throw new RefusedError('no_conversation', `${groupId} has no session ${id}`);
  const session = resolveSession(found, definition.config);
  const fold = foldOf(stored).sessions.get(id);
  const status = fold?.status ?? 'pending';
  const configDir = session.isolateConfigDir ? sessionLogs(stored.dir)(id, OWN_CONFIG) : undefined;
  const own = resolved(session.env, env);
  const { agent } = session;
  const conversationId = fold?.conversation ?? '';
  const program = byHand({ agent, conversationId, env: { ...env, ...own }, own, configDir });
  if (!program) {
    throw new RefusedError(
      'no_conversation',
      `${id} cannot be opened: an agent of the kind ${agent.kind} has no conversation that you can go on with`,
    );
  }
  const mayStart = stored.owner?.alive === true && !isSettled(status) && status !== 'paused';
  if (isLiveSession(status) || mayStart) {
    throw new RefusedError('not_in_this_state', `${id} cannot be opened while it is ${status}`, {
      hint: `Pause its group first: session-groups group pause ${groupId}`,
    });
  }
  if (!fold?.conversationExists || fold.conversation === undefined) {
    throw new RefusedError('no_conversation', `${id} has no conversation yet`, {
      hint: 'It has one once its agent has started.',
    });
  }
  const cwd = workplaceOf(session, fold);
  return {
    ...{ session, conversationId: fold.conversation, cwd, program },
    line: shellLine(cwd, program),
  };
}

/** What people are shown of it; undefined while the session is live, or if its conversation is none for people. */
export function shownOpenCommand(
  ...of: Parameters<typeof openCommand>
): { readonly command: string; readonly conversationId: string } | undefined {
  try {
    const { line: command, conversationId } = openCommand(...of);
    return { command, conversationId };
  } catch (reason) {
    if (reason instanceof RefusedError) return undefined;
    throw reason;
  }
}

/** What its session sets of the variables that say where something is; of a reference without a value, nothing. */
function resolved(own: Readonly<Record<string, string>>, host: HostEnvironment): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, text] of Object.entries(own)) {
    const { value, unset } = resolveReferences(text, host);
    if (unset.length === 0) values[name] = value;
  }
  return values;
}

function shellLine(cwd: string, { name, args, variables }: ByHand): string {
  const set = Object.entries(variables).map(([variable, value]) => `${variable}=${shellWord(value)}`);
  return `cd ${shellWord(cwd)} && ${[...set, ...[name, ...args].map(shellWord)].join(' ')}`;
}
