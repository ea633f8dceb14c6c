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
import { delivered } from './merge/delivered.ts';
import { advance, planMerge, putConflict, takeMerge } from './merge/session-merge.ts';
import { branchOf, checkpointRef, mergedBranch } from './names.ts';
import type { ReadyWorkspace, WorkspaceOrder } from './orders.ts';
import type { Site, WorkspacePort } from './port.ts';
import { changes, diff } from './save/changes.ts';
import { checkpoint } from './save/checkpoint.ts';
import { planResult, takeResult } from './save/result.ts';
import { sharedState } from './save/shared.ts';
import { transferIn } from './transfer/transfer.ts';
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
  /**
   * A room has one index for each tree of ours, and one for each of the user's: what reads or writes them takes turns,
   * across processes too, or one would see another's half-made one.
   */
  const inTree = async <T>(
    site: Site,
    ready: ReadyWorkspace,
    act: (tree: Tree) => Promise<T>,
  ): Promise<T> => {
    const tree = await treeAt(site, ready.order, ready);
    return locks.hold(tree.own.index, site.signal, () => act(tree));
  };
  const inUsersTrees = async <T>(site: Site, act: (room: Room) => Promise<T>): Promise<T> => {
    const room = await roomAt(site);
    return locks.hold(room.folder, site.signal, () => act(room));
  };
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
    restore: step((site, ready) => inTree(site, ready, tree => restore(tree, trash))),
    checkpoint: step((site, ready, time) => inTree(site, ready, tree => checkpoint(tree, time))),
    planResult: step((site, ready, wish) => inTree(site, ready, tree => planResult(tree, wish))),
    takeResult: step((site, ready, order) => inTree(site, ready, tree => takeResult(tree, order))),
    shared: step(async site => sharedState(await open(site))),
    changes: step(async (site, range) => changes(await roomAt(site), range)),
    diff: step(async (site, range) => diff(await roomAt(site), range)),
    planMerge: step((site, ready, wish) => inTree(site, ready, tree => planMerge(tree, wish))),
    takeMerge: step((site, ready, order) => inTree(site, ready, tree => takeMerge(tree, order))),
    putConflict: step((site, ready, conflict, how) =>
      inTree(site, ready, tree => putConflict(tree, conflict, how)),
    ),
    advance: step(async (site, group, order) => advance(await open(site), group, order)),
    planDelivery: step((site, wish) => inUsersTrees(site, room => planDelivery(room, wish))),
    planUndo: step((site, delivered) => inUsersTrees(site, room => planUndo(room, delivered))),
    deliver: step((site, order) => inUsersTrees(site, room => deliver(room, order))),
    delivered: step(async (site, wish) => delivered(await roomAt(site), wish)),
    tips: step(async (site, { group, session }) => {
      const repository = await open(site);
      return {
        branch: await refAt(repository, branchOf(group, session)),
        checkpoint: await refAt(repository, checkpointRef(group, session)),
        merged: await refAt(repository, mergedBranch(group)),
      };
    }),
    standing: step((site, ready, how) => inTree(site, ready, tree => standing(tree, how))),
    archive: step((site, ready, time) => inTree(site, ready, tree => archive(tree, time))),
    planRelease: step((site, ready) => inTree(site, ready, tree => planRelease(tree))),
    release: step((site, ready) => inTree(site, ready, async tree => release(tree, trash))),
    emptyTrash: step(() => emptyFolder(trash)),
    removeRefs: step(async (site, group) => removeRefs(await open(site), group)),
    recover: step(async (site, orders) => {
      for (const order of orders) removeLocks(await treeAt(site, order));
    }),
    transfer: transferIn({ run, workDir, open, roomAt, step }),
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
