import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanBlock, cleanLine } from '../../clean-text.ts';
import { type Clock, systemClock } from '../../clock.ts';
import type { Command } from '../../delivery/config.ts';
import { workspacesOf } from '../../delivery/machine-workspaces.ts';
import { type CommandsOutcome, runCommands } from '../../delivery/run-commands.ts';
import { RefusedError, textOfThrown } from '../../errors.ts';
import { setVariables } from '../../given.ts';
import { shortName } from '../../workspace/names.ts';
import { withoutCredentials } from '../config/environment.ts';
import { shownProject } from '../config/resolve-session.ts';
import { secretsOf } from '../config/secrets.ts';
import { foldOf } from '../standing/saved-group.ts';
import type { StoredGroup } from '../store/store.ts';
import type { PullRequest } from './delivered.ts';
import type { DeliveryOptions } from './delivery-view.ts';
import { siteOf, type Work, worksOf } from './works.ts';

/**
 * Pull requests of the sessions whose integration is `pr`, opened by the command of the definition: only when they are
 * asked for, because it pushes.
 *
 * PR-1 what an agent wrote is data: in a list it replaces placeholders within one argument, once; a line for the shell
 *    gets it as environment variables only.
 * PR-2 no value begins with a hyphen, so that none is taken for an option; none contains control characters.
 * PR-3 the command runs in the project's folder, never in a tree that an agent has written.
 */

/** The pull requests that can be opened, and why the others can't. */
export interface PullRequests {
  readonly command: Command;
  readonly ready: readonly PullRequest[];
  readonly others: readonly { readonly session: string; readonly reason: string }[];
}

/** @throws RefusedError `not_in_this_state` if no session is delivered in this way. */
export async function planPullRequests(
  stored: StoredGroup,
  options: DeliveryOptions = {},
): Promise<PullRequests> {
  const { clock = systemClock, signal = new AbortController().signal } = options;
  const { id: groupId, definition } = stored.group;
  const fold = foldOf(stored);
  const works = worksOf(stored.group, fold).filter(({ session }) => session.integrate.mode === 'pr');
  const { pr: command, into } = definition.config.integrate ?? {};
  if (command === undefined || works.length === 0) {
    throw new RefusedError('not_in_this_state', `no session of ${groupId} is delivered by a pull request`, {
      hint: 'Set config.integrate.mode: pr and config.integrate.pr, the command that opens one.',
    });
  }
  const workspaces = workspacesOf(options, clock);
  const ready: PullRequest[] = [];
  const others: { session: string; reason: string }[] = [];
  for (const work of works) {
    const { session, status, tree } = work;
    try {
      const left = fold.sessions.get(session.id)?.left;
      const base =
        into ??
        namedBase(work) ??
        (await workspaces.look(await siteOf(groupId, work, { workspaces, signal }))).branch;
      const reason =
        status !== 'completed' || !tree.result
          ? `it is ${status}`
          : tree.result.commit === work.ready.commit
            ? 'it has changed nothing'
            : base
              ? undefined
              : 'the project is on no branch: name one as workspace.base';
      if (reason !== undefined || !base) others.push({ session: session.id, reason: reason ?? '' });
      else ready.push(pullRequest(groupId, work, shortName(base), left?.result ?? ''));
    } catch (error) {
      signal.throwIfAborted();
      others.push({ session: session.id, reason: textOfThrown(error) });
    }
  }
  return { command, ready, others };
}

const LONGEST_TITLE = 100;
const LONGEST_BODY = 60_000;

const namedBase = ({ session }: Work): string | undefined => {
  const { base } = session.workspace;
  return /^(HEAD|@|[0-9a-f]{7,64})$|[~^:@{]/.test(base)
    ? undefined
    : base.replace(/^refs\/(heads|remotes)\//, '');
};

function pullRequest(groupId: string, { session, ready }: Work, base: string, said: string): PullRequest {
  const title = cleanLine(session.description ?? session.prompt ?? session.id).replace(/^[-\s]+/, '');
  const body = `Session ${session.id} of group ${groupId}.\n\n${cleanBlock(said)}`;
  return {
    ...{ session: session.id, project: shownProject(session), base: base.replace(/^-+/, '') },
    branch: shortName(ready.order.branch),
    title: [...(title === '' ? session.id : title)].slice(0, LONGEST_TITLE).join(''),
    body: [...body].slice(0, LONGEST_BODY).join(''),
  };
}

/** The command with the values in it; a line for the shell stays as it is. */
export function commandOf(command: Command, request: PullRequest, bodyFile: string): Command {
  if (typeof command === 'string') return command;
  const { branch, base, title, body } = request;
  const values = new Map(Object.entries({ branch, base, title, body, bodyFile }));
  return command.map(argument =>
    argument.replace(/\{(\w+)\}/g, (placeholder, name: string) => values.get(name) ?? placeholder),
  );
}

/** Opens one, with the user's own environment except for a model's credentials. Never rejects for what the command does. */
export async function openPullRequest(
  groupId: string,
  command: Command,
  request: PullRequest,
  options: {
    readonly clock?: Clock;
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly signal?: AbortSignal;
    readonly onLine?: (line: string) => void;
  } = {},
): Promise<CommandsOutcome> {
  const { clock = systemClock, env = process.env, signal = new AbortController().signal, onLine } = options;
  const folder = mkdtempSync(join(tmpdir(), 'session-groups-pr-'));
  const bodyFile = join(folder, 'body.md');
  try {
    writeFileSync(bodyFile, request.body, { mode: 0o600 });
    const own = setVariables(env);
    return await runCommands(
      {
        commands: [commandOf(command, request, bodyFile)],
        cwd: request.project,
        secrets: secretsOf(own, []),
        env: {
          ...withoutCredentials(own),
          SESSION_GROUPS_BRANCH: request.branch,
          SESSION_GROUPS_BASE: request.base,
          SESSION_GROUPS_TITLE: request.title,
          SESSION_GROUPS_BODY: request.body,
          SESSION_GROUPS_BODY_FILE: bodyFile,
        },
        of: { groupId, sessionId: request.session, attempt: 1 },
        ...{ timeoutMs: 15 * 60_000, signal },
        ...(onLine ? { onLine } : {}),
      },
      clock,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
