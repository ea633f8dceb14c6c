import { accessSync, constants, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { systemDisk } from '../disk/disk.ts';
import { makeFolders } from '../disk/disk-files.ts';
import { textOfThrown } from '../errors.ts';
import type { ProjectGate } from '../project/project-gate.ts';
import { ofStep, WorkspaceError } from './error.ts';
import { fetchCache } from './git/cache.ts';
import { refAt, resolveCommit } from './git/refs.ts';
import { checkVersion, repositories, viewOf } from './git/repository.ts';
import { openRoom, type Room } from './git/room.ts';
import { gitRunner, type RunGit } from './git/run.ts';
import { locksOf } from './locks.ts';
import { deliver, planDelivery, planUndo } from './merge/deliver.ts';
import { advance, planMerge, putConflict, takeMerge } from './merge/session-merge.ts';
import { branchOf, checkpointRef, mergedBranch } from './names.ts';
import type { ReadyWorkspace, WorkspaceOrder } from './orders.ts';
import type { Site, WorkspacePort } from './port.ts';
import { changes, diff } from './save/changes.ts';
import { checkpoint } from './save/checkpoint.ts';
import { planResult, takeResult } from './save/result.ts';
import { sharedState } from './save/shared.ts';
import { emptyFolder } from './tree/files.ts';
import { archive, planRelease, release, removeLocks, removeRefs, standing } from './tree/leave.ts';
import { type Tree, treeOf } from './tree/place.ts';
import { measure, planWorkspace, prepare, restore } from './tree/prepare.ts';

export interface WorkspacesOptions {
  readonly clock: Clock;
  /** Determines which git is run and whose settings are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder of workspaces, absolute; made if it is missing. */
  readonly workDir: string;
  /** One fetch at a time per URL, across all processes that share the gate's folder. */
  readonly gate: ProjectGate;
  /** Runs git. Default: this machine's. */
  readonly run?: RunGit;
}

/**
 * Workspaces in this machine's repositories. What it needs is in orders, refs and registrations.
 * @throws WorkspaceError `workspace_failed` if their folder cannot be made or written.
 */
export function createWorkspaces(options: WorkspacesOptions): WorkspacePort {
  const { clock, env, run = gitRunner({ clock, env }) } = options;
  const workDir = madeFolder(options.workDir);
  const [rooms, caches, trash] = [join(workDir, '.rooms'), join(workDir, '.caches'), join(workDir, '.trash')];
  const locks = locksOf(options.gate);
  const open = repositories(run);

  const roomAt = async (site: Site): Promise<Room> => openRoom(run, site, await open(site), rooms);
  const treeAt = async (site: Site, order: WorkspaceOrder, ready?: ReadyWorkspace): Promise<Tree> => {
    const room = await roomAt(site);
    return treeOf(order, { room, workDir, ...(ready && { start: ready.commit, included: ready.included }) });
  };
  const readyAt = (site: Site, ready: ReadyWorkspace): Promise<Tree> => treeAt(site, ready.order, ready);
  return {
    cache: step((site, url, { again = true } = {}) =>
      locks.hold(url, site.signal, () => fetchCache(run, site, url, { caches, env, again })),
    ),
    look: step(async site => {
      await checkVersion(run, site);
      return viewOf(await open(site), run, site);
    }),
    resolve: step(async (site, base) => resolveCommit(await open(site), base)),
    measure: step(async (site, base = 'HEAD') => {
      const room = await roomAt(site);
      return measure(room, await viewOf(room.repository, run, site), base);
    }),
    planWorkspace: step(async (site, wish) => {
      const room = await roomAt(site);
      return planWorkspace(room, await viewOf(room.repository, run, site), wish);
    }),
    prepare: step(async (site, order) => prepare(await treeAt(site, order), trash)),
    restore: step(async (site, ready) => restore(await readyAt(site, ready), trash)),
    checkpoint: step(async (site, ready, time) => checkpoint(await readyAt(site, ready), time)),
    planResult: step(async (site, ready, wish) => planResult(await readyAt(site, ready), wish)),
    takeResult: step(async (site, ready, order) => takeResult(await readyAt(site, ready), order)),
    shared: step(async site => sharedState(await open(site))),
    changes: step(async (site, range) => changes(await roomAt(site), range)),
    diff: step(async (site, range) => diff(await roomAt(site), range)),
    planMerge: step(async (site, ready, wish) => planMerge(await readyAt(site, ready), wish)),
    takeMerge: step(async (site, ready, order) => takeMerge(await readyAt(site, ready), order)),
    putConflict: step(async (site, ready, conflict, how) =>
      putConflict(await readyAt(site, ready), conflict, how),
    ),
    advance: step(async (site, group, order) => advance(await open(site), group, order)),
    planDelivery: step(async (site, wish) => planDelivery(await roomAt(site), wish)),
    planUndo: step(async (site, delivered) => planUndo(await roomAt(site), delivered)),
    deliver: step(async (site, order) => deliver(await roomAt(site), order)),
    tips: step(async (site, { group, session }) => {
      const repository = await open(site);
      return {
        branch: await refAt(repository, branchOf(group, session)),
        checkpoint: await refAt(repository, checkpointRef(group, session)),
        merged: await refAt(repository, mergedBranch(group)),
      };
    }),
    standing: step(async (site, ready, how) => standing(await readyAt(site, ready), how)),
    archive: step(async (site, ready, time) => archive(await readyAt(site, ready), time)),
    planRelease: step(async (site, ready) => planRelease(await readyAt(site, ready))),
    release: step(async (site, ready) => release(await readyAt(site, ready), trash)),
    emptyTrash: step(() => emptyFolder(trash)),
    removeRefs: step(async (site, group) => removeRefs(await open(site), group)),
    recover: step(async (site, orders) => {
      for (const order of orders) removeLocks(await treeAt(site, order));
    }),
  };
}

/** A step that rejects with a typed error when the system refuses something. */
function step<Args extends readonly unknown[], Answer>(
  take: (...args: Args) => Promise<Answer>,
): (...args: Args) => Promise<Answer> {
  return async (...args) => {
    try {
      return await take(...args);
    } catch (error) {
      throw ofStep(error);
    }
  };
}

/** Not by `mkdir` with `recursive`, which never comes back below /proc (Node 20). */
function madeFolder(folder: string): string {
  try {
    makeFolders(systemDisk, folder);
    accessSync(folder, constants.W_OK | constants.X_OK);
    return realpathSync(folder);
  } catch (reason) {
    const cause = ofStep(reason);
    throw new WorkspaceError(
      'workspace_failed',
      `no trees can be made in ${folder}: ${textOfThrown(reason)}`,
      {
        cause: reason,
        retryable: cause instanceof WorkspaceError && cause.retryable,
        hint: 'Set SESSION_GROUPS_WORK_DIR to a folder that you may write.',
      },
    );
  }
}
