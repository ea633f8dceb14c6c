import { join } from 'node:path';
import type { CommandRun, CommandsOutcome } from '../../../delivery/run-commands.ts';
import type { MergeOrder } from '../../../workspace/orders.ts';
import type { Prepared, Site } from '../../../workspace/port.ts';
import { commandEnvironment } from '../../config/environment.ts';
import type { ResolvedSession } from '../../config/resolve-session.ts';
import { secretsOf } from '../../config/secrets.ts';
import { onceWritten, seconds } from '../../tree/tree-host.ts';
import { failureOf } from '../../tree/tree-words.ts';
import type { GroupEngine } from '../group-engine.ts';

/** Session ids cannot begin with `_`. */
const TRIAL = '_delivery';

type Red = Extract<CommandsOutcome, { readonly kind: 'red' }>;

/**
 * Checks what came of joining the group's branch with one of the user's, in a tree of its own that goes afterwards: with the
 * set-up and the checks of each session that has merged there, the same ones once.
 *
 * @returns why it must not be delivered, with the output of what failed; undefined: nothing is known against it.
 * @throws the signal's reason once it aborts; WorkspaceError.
 */
export async function tryOut(
  engine: GroupEngine,
  site: Site,
  { repository, order }: { readonly repository: string; readonly order: MergeOrder },
): Promise<string | undefined> {
  for (const session of trials(engine, repository)) {
    const red = await tryOne(
      engine,
      { ...site, project: session.projectPath ?? site.project },
      session,
      order,
    );
    if (red) return `the checks fail on what it was joined with: ${red}`;
  }
  return undefined;
}

/** One session for each set-up and checks that there are. */
function trials(engine: GroupEngine, repository: string): ResolvedSession[] {
  const found = new Map<string, ResolvedSession>();
  for (const [id, session] of engine.state.sessions) {
    const { order, isIntegrated } = engine.findRun(id)?.tree?.tree ?? {};
    if (order?.repository !== repository || !isIntegrated) continue;
    const { projectPath, verify, integrate, workspace } = session;
    const { setup, include } = workspace;
    if (verify && integrate.verify)
      found.set(JSON.stringify([projectPath, setup, include, verify.commands]), session);
  }
  return [...found.values()];
}

async function tryOne(
  engine: GroupEngine,
  site: Site,
  session: ResolvedSession,
  { commit }: MergeOrder,
): Promise<string | undefined> {
  const { workspaces, groupId: group, clock, recorder } = engine;
  const { include, setup, setupTimeout } = session.workspace;
  const { branch } = await workspaces.tips(site, { group, session: TRIAL });
  const order = await workspaces.planWorkspace(site, {
    ...{ mode: 'worktree', group, session: TRIAL, base: commit, include, time: seconds(clock) },
    ...(branch === null ? {} : { replaces: branch }),
  });
  const written = recorder.order({ type: '_trial', order });
  if (written) await onceWritten(written, site.signal);
  const made = await workspaces.prepare(site, order);
  try {
    const ready = await run(engine, { made, site, session }, setup, setupTimeout);
    if (ready) return failureOf('setup_failed', ready).message;
    const { commands = [], timeout = setupTimeout } = session.verify ?? {};
    const red = await run(engine, { made, site, session }, commands, timeout);
    return red && failureOf('verify_failed', red).message;
  } finally {
    await workspaces.release(site, made.ready, { folder: order.folder, tip: commit }).catch(() => {}); // made anew next time
  }
}

async function run(
  engine: GroupEngine,
  {
    made,
    site,
    session,
  }: { readonly made: Prepared; readonly site: Site; readonly session: ResolvedSession },
  commands: CommandRun['commands'],
  timeoutMs: number,
): Promise<Red | undefined> {
  const folder = engine.logDir(session.id);
  const env = commandEnvironment(session, engine.env);
  const outcome = await engine.commands(
    {
      ...{ commands, cwd: made.cwd, timeoutMs, signal: site.signal },
      ...{ env, secrets: secretsOf(env, Object.keys(session.env)) },
      of: { groupId: engine.groupId, sessionId: TRIAL, attempt: 1 },
      ...(folder === undefined ? {} : { logFile: join(folder, 'delivery.log') }),
    },
    engine.clock,
  );
  site.signal.throwIfAborted();
  return outcome.kind === 'red' ? outcome : undefined;
}
