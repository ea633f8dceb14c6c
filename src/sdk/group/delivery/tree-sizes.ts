import { type Clock, systemClock } from '../../clock.ts';
import { workspacesOf } from '../../delivery/machine-workspaces.ts';
import { textOfThrown } from '../../errors.ts';
import type { Site, TreeSize } from '../../workspace/port.ts';
import { type ResolvedSession, resolveSession, shownProject } from '../config/resolve-session.ts';
import type { SessionGroupDefinition } from '../types.ts';
import type { DeliveryOptions } from './delivery-view.ts';

/** What the trees of sessions take on disk, of those that start from the same commit of a repository. */
export interface TreeSizes {
  /** As the first of them names it: its folder, or the repository that is cloned. */
  readonly project: string;
  /** Each gets a tree, in the order of the definition. */
  readonly sessions: readonly string[];
  /** One tree, without what set-up adds; absent if that is not known. */
  readonly size?: TreeSize;
  /** Why it is not known. */
  readonly reason?: string;
}

/** Measures the trees that a definition's sessions get. Clones nothing, and rejects only with the signal's reason. */
export async function measureTrees(
  { sessions, config }: SessionGroupDefinition,
  options: DeliveryOptions = {},
): Promise<readonly TreeSizes[]> {
  const { clock = systemClock, signal = new AbortController().signal } = options;
  const found = new Map<string, { project: string; sessions: string[]; size?: TreeSize; reason?: string }>();
  const asked = new Map<string, Promise<Measured>>();
  for (const session of sessions.map(given => resolveSession(given, config))) {
    if (session.workspace.mode === 'shared') continue;
    const question = JSON.stringify([shownProject(session), session.workspace.base]);
    const measuring = asked.get(question) ?? measureTree(session, { ...options, clock, signal });
    asked.set(question, measuring);
    const { key, ...measured } = await measuring;
    const known = found.get(key);
    if (known) known.sessions.push(session.id);
    else found.set(key, { project: shownProject(session), sessions: [session.id], ...measured });
  }
  return [...found.values()];
}

/** `key`: the same for each folder of a repository. */
interface Measured {
  readonly key: string;
  readonly size?: TreeSize;
  readonly reason?: string;
}

async function measureTree(
  { project, projectPath = '', workspace: { base } }: ResolvedSession,
  options: DeliveryOptions & { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Measured> {
  const keyOf = (repository: string) => JSON.stringify([repository, base]);
  if (project) return { key: keyOf(project.git), reason: 'it is cloned when its session starts' };
  const site: Site = { project: projectPath, processes: '_plan:_measure:1', signal: options.signal };
  try {
    const workspaces = workspacesOf(options, options.clock);
    const { id } = await workspaces.look(site);
    return { key: keyOf(id), size: await workspaces.measure(site, base) };
  } catch (error) {
    options.signal.throwIfAborted();
    return { key: keyOf(projectPath), reason: textOfThrown(error) };
  }
}
