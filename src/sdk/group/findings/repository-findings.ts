import { textOfThrown } from '../../errors.ts';
import { given } from '../../given.ts';
import { WorkspaceError } from '../../workspace/error.ts';
import type { Site, WorkspacePort } from '../../workspace/port.ts';
import type { Finding } from '../document/finding.ts';
import { mapOf, type SessionView, text } from '../document/session-view.ts';
import { branchFindings, placeOf } from './delivery-findings.ts';
import { each } from './project-findings.ts';

type Path = Finding['path'];
type Problem = Omit<Finding, 'path'>;

/** Whose processes of git those are that a definition needs: no group's. */
export const DEFINITION_PROCESSES = '_definition:_look:1';

/** What a session's tree needs of its repository, and where the definition says so. */
interface Need {
  readonly folder: string;
  readonly at: Path;
  readonly base?: { readonly name: string; readonly at: Path };
  readonly into?: string;
}

/**
 * Whether the repositories are there in which sessions get trees of their own, and what those trees begin with and go
 * into. Invariants: each folder is looked at once, and each name in it, however many sessions share it; what is to be
 * cloned is not looked at; and nothing is thrown.
 *
 * @param folders of projects that exist, by the index of their session.
 * @param workspaces called only if a session has a tree of its own.
 */
export async function repositoryFindings(
  definition: unknown,
  sessions: readonly SessionView[],
  folders: ReadonlyMap<number, string>,
  workspaces: () => WorkspacePort,
): Promise<Finding[]> {
  const needs = needsOf(definition, sessions, folders);
  if (needs.length === 0) return [];
  const byFolder = new Map<string, Need[]>();
  for (const need of needs) {
    const others = byFolder.get(need.folder);
    if (others) others.push(need);
    else byFolder.set(need.folder, [need]);
  }
  const asked = { workspaces, seen: new Set<string>() };
  const found = await each([...byFolder.keys()], folder =>
    findingsIn(folder, byFolder.get(folder) ?? [], asked),
  );
  return [...found.values()].flat();
}

function needsOf(
  definition: unknown,
  sessions: readonly SessionView[],
  folders: ReadonlyMap<number, string>,
): Need[] {
  const config = mapOf(mapOf(definition).config);
  const named = text(mapOf(config.integrate).into);
  const into = named !== undefined && branchFindings(named, []).length === 0 ? named : undefined;
  return sessions.flatMap(({ raw, path, index }): Need[] => {
    const folder = folders.get(index);
    if (folder === undefined || placeOf(raw, config) !== 'worktree') return [];
    const own = text(mapOf(raw.workspace).base);
    const name = own ?? text(mapOf(config.workspace).base);
    const at = own === undefined ? ['config', 'workspace', 'base'] : [...path, 'workspace', 'base'];
    const isMerged = (mapOf(raw.integrate).mode ?? mapOf(config.integrate).mode) === 'merge';
    return [
      {
        ...{ folder, at: [...path, 'projectPath'] },
        ...(name === undefined || name === 'HEAD' ? {} : { base: { name, at } }),
        ...(isMerged ? given({ into }) : {}),
      },
    ];
  });
}

interface Asked {
  readonly workspaces: () => WorkspacePort;
  /** What has been said of a repository already, whichever of its folders it was asked in. */
  readonly seen: Set<string>;
}

async function findingsIn(
  folder: string,
  needs: readonly Need[],
  { workspaces, seen }: Asked,
): Promise<Finding[]> {
  const site: Site = {
    ...{ project: folder, processes: DEFINITION_PROCESSES },
    signal: new AbortController().signal,
  };
  try {
    const port = workspaces();
    const view = await port.look(site);
    const found: Finding[] = [];
    const once = async (path: Path, ref: string, problem: Problem): Promise<void> => {
      const question = JSON.stringify([view.id, path, ref]);
      if (seen.has(question)) return;
      seen.add(question);
      if ((await port.resolve(site, ref)) === null) found.push({ ...problem, path });
    };
    for (const { base, into } of needs) {
      if (base) await once(base.at, base.name, noBase(base.name, folder));
      const ref = `refs/heads/${into}`;
      const isUnborn = view.head === null && view.branch === ref;
      if (into !== undefined && !isUnborn)
        await once(['config', 'integrate', 'into'], ref, noInto(into, folder));
    }
    return found;
  } catch (reason) {
    const problem = problemOf(reason);
    return needs.map(({ at }) => ({ ...problem, path: at }));
  }
}

/** What passes by itself stands in no definition's way. */
function problemOf(reason: unknown): Problem {
  const message = textOfThrown(reason);
  if (!(reason instanceof WorkspaceError) || reason.retryable)
    return { severity: 'warning', code: 'workspace_failed', message };
  return { code: reason.workspace, message, ...given({ suggestion: reason.hint }) };
}

const noBase = (name: string, folder: string): Problem => ({
  code: 'unknown_base',
  message: `${name} is not a commit in the repository of ${folder}`,
  suggestion: 'name a branch, a tag or a commit that is there, or HEAD',
});

/** It may be made while the group runs. */
const noInto = (name: string, folder: string): Problem => ({
  severity: 'warning',
  code: 'unknown_branch',
  message: `there is no branch ${name} in the repository of ${folder} yet, so nothing can be delivered to it`,
  suggestion: `make it before the group has ended: git -C ${folder} branch ${name}`,
});
