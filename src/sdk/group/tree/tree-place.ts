import { isDeepStrictEqual } from 'node:util';
import { asVariables, leavePorts, type Ports, takePorts } from '../../delivery/ports.ts';
import { textOfThrown } from '../../errors.ts';
import { WorkspaceError } from '../../workspace/error.ts';
import { shortName } from '../../workspace/names.ts';
import type { ReadyWorkspace } from '../../workspace/orders.ts';
import { type Prepared, type SharedState, type Site, sharedChanges } from '../../workspace/port.ts';
import type { ResolvedSession } from '../config/resolve-session.ts';
import type { TreeFold } from '../journal/session/tree-fold.ts';
import { withCommitter } from './committer.ts';
import { onceWritten, seconds, type TreeHost } from './tree-host.ts';
import { named } from './tree-words.ts';

/** A ready tree where it is now. */
interface FoundTree {
  readonly ready: ReadyWorkspace;
  /** It was made again. */
  readonly again: boolean;
  /** This engine has not looked for it before. */
  readonly isNew: boolean;
}

/**
 * The tree of one session: it is made, found again, saved, taken away.
 *
 * TREE-PLACE-1 each order is journalled before its effect.
 * TREE-PLACE-2 once ready, a tree is never reset, and what is in it is saved: before an agent of another engine goes on
 *    in it, whenever an attempt ends, and before it is taken away.
 * TREE-PLACE-3 a tree that has something of which there is no copy is not taken away.
 */
export class TreePlace {
  readonly #session: ResolvedSession;
  readonly #host: TreeHost;
  /** What the repository's trees have in common, when an agent was last let into this one. */
  #shared: SharedState | undefined;
  #hasIdentity = true;
  #takesPorts = true;
  tree: TreeFold = {};
  /** In the environment of agent, set-up and checks; empty until they are taken. */
  ports: Ports = {};
  /** Where the agent works; undefined until this engine has looked for the tree. */
  cwd: string | undefined;

  constructor(session: ResolvedSession, host: TreeHost) {
    this.#session = session;
    this.#host = host;
  }

  /** Makes the tree; `isReady` is called once it is prepared. */
  async make(site: Site): Promise<Prepared> {
    const { workspaces } = this.#host.ground;
    const order = this.tree.order && !this.tree.ready ? this.tree.order : await this.#plan(site);
    const made = await workspaces.prepare(site, order);
    this.warn(made.warnings);
    if (made.missing.length > 0) {
      const { theirs = '' } = made.conflict ?? {};
      const others = made.missing.filter(commit => commit !== theirs).map(commit => commit.slice(0, 12));
      if (others.length > 0)
        this.warn([`its tree is without ${others.join(', ')}, which conflict with what it depends on, too`]);
    }
    return made;
  }

  /** What is in the tree is the agent's from now on. */
  async isReady(site: Site, { ready, cwd, conflict }: Prepared): Promise<void> {
    const sessionId = this.#session.id;
    this.cwd = cwd;
    const found = conflict ? { conflict } : {};
    this.#host.internal({ type: '_workspace_ready', sessionId, ready, ...found });
    this.tree = { order: ready.order, ready, ports: this.tree.ports, ...found };
    const branch = shortName(ready.order.branch);
    this.#host.record({ type: 'workspace_ready', sessionId, path: cwd, branch, commit: ready.commit });
    await this.#putConflict(site, ready, false);
    await this.#letIn(site);
  }

  /** Lets an agent into a ready tree, as it was found. */
  async enter(site: Site, { ready, again, isNew }: FoundTree): Promise<void> {
    if (isNew && !again) await this.#checkpoint(site, ready);
    await this.#putConflict(site, ready, again);
    await this.#letIn(site);
  }

  /** The tree is where it was; one that has gone is made again. */
  async there(site: Site): Promise<ReadyWorkspace> {
    return (await this.find(site)).ready;
  }

  async find(site: Site): Promise<FoundTree> {
    const { ready } = this.tree;
    if (!ready) throw new WorkspaceError('workspace_moved', `${this.#session.id} has no workspace yet`);
    const isNew = this.cwd === undefined;
    const { cwd, again, warnings } = await this.#host.ground.workspaces.restore(site, ready);
    if (this.tree.isReleased) {
      this.#host.internal({ type: '_workspace_ready', sessionId: this.#session.id, ready });
      this.tree = { ...this.tree, isReleased: undefined };
    } else this.warn(warnings);
    this.cwd = cwd;
    return { ready, again, isNew };
  }

  /** An attempt has ended. Never rejects: what cannot be saved now is in the tree. */
  async leave(at: () => Promise<Site>): Promise<void> {
    const { ready } = this.tree;
    if (!ready || this.cwd === undefined) return;
    let site: Site | undefined;
    try {
      site = await at();
      await this.#checkpoint(site, ready);
      await this.compare(site);
    } catch (reason) {
      if (!site?.signal.aborted)
        this.warn([`what is in its tree is not saved anywhere else: ${textOfThrown(reason)}`]);
    }
  }

  /** Warns of what all trees of the repository share, if it has changed since the agent was let in. */
  async compare(site: Site): Promise<void> {
    const before = this.#shared;
    if (!before) return;
    this.#shared = undefined;
    const changed = sharedChanges(before, await this.#host.ground.workspaces.shared(site));
    if (changed.length > 0)
      this.warn([
        `while it worked, these of the repository were changed, by it or by another: ${named(changed)}`,
      ]);
  }

  /** For `--fresh`: keeps what there is under a ref, and takes the tree away. */
  async startOver(site: Site): Promise<void> {
    const { ready, isReleased } = this.tree;
    if (!ready) return;
    const {
      clock,
      ground: { workspaces },
    } = this.#host;
    if (isReleased) return this.#releaseAgain(site, ready);
    await workspaces.archive(site, ready, seconds(clock));
    const isGone = await this.#takeAway(site, ready);
    if (!isGone) {
      throw new WorkspaceError(
        'workspace_failed',
        `the tree of ${this.#session.id} has something that is nowhere else, so that it cannot start over: a nested repository, or a commit in a submodule`,
        { hint: 'Move it away, and retry.' },
      );
    }
  }

  /** Its work is merged: the tree is not needed any more, and the branch stays. Never rejects. */
  async release(site: Site): Promise<void> {
    const { ready, isReleased } = this.tree;
    if (!ready || this.#session.workspace.keep === 'always') return;
    const { workspaces } = this.#host.ground;
    try {
      if (isReleased) return await this.#releaseAgain(site, ready);
      const { dirty } = await workspaces.standing(site, ready);
      if (dirty.length > 0 || !(await this.#takeAway(site, ready))) return;
      workspaces.emptyTrash().catch(() => {}); // the next one empties it
    } catch (reason) {
      if (!site.signal.aborted) this.warn([`its tree stays: ${textOfThrown(reason)}`]);
    }
  }

  /** The agent's environment: with its ports, and a person's name for its commits, where git knows none. */
  environment(env: Readonly<Record<string, string>>): Record<string, string> {
    const own = { ...env, ...asVariables(this.ports) };
    return this.#hasIdentity ? own : withCommitter(own);
  }

  leavePorts({ forGood } = { forGood: false }): void {
    this.#takesPorts = !forGood;
    leavePorts(this.#host.places, this.#holder, this.ports);
    this.ports = {};
  }

  /** Those that it had before, where they are free. */
  async takePorts(): Promise<void> {
    const { id, workspace } = this.#session;
    const names = workspace.mode === 'shared' ? [] : workspace.ports;
    if (names.every(name => Object.hasOwn(this.ports, name))) return;
    const { ports: before = {} } = this.tree;
    this.ports = await takePorts(this.#host.places, { holder: this.#holder, names, before });
    if (!this.#takesPorts) return this.leavePorts({ forGood: true });
    if (isDeepStrictEqual(before, this.ports)) return;
    this.#host.internal({ type: '_ports', sessionId: id, ports: this.ports });
    this.tree = { ...this.tree, ports: this.ports };
  }

  get #holder(): string {
    return `${this.#host.groupId}/${this.#session.id}`;
  }

  warn(warnings: readonly string[]): void {
    for (const message of warnings) {
      this.#host.record({ type: 'session_warning', sessionId: this.#session.id, message });
    }
  }

  async #plan(site: Site) {
    const { groupId: group, clock } = this.#host;
    const { workspaces } = this.#host.ground;
    const { id: session, project, workspace } = this.#session;
    const { mode, base } = workspace;
    if (mode === 'shared') throw new Error(`${session} has no workspace of its own`);
    const { id: repository } = await workspaces.look(site);
    await this.#host.recovered(site, repository);
    const replaces = this.tree.order && (await workspaces.tips(site, { group, session })).branch;
    const planned = await workspaces.planWorkspace(site, {
      ...{ mode, group, session, base, include: workspace.include },
      ...(project ? { inner: project.subdir?.replace(/\/+$/, '') ?? '' } : {}),
      ...(replaces ? { replaces } : {}),
      dependencies: this.#host.dependencies(session, repository),
      time: seconds(clock),
    });
    const order = { ...planned, base: this.#host.pinned(repository, base, planned.base) };
    const written = this.#host.order({ type: '_workspace', sessionId: session, order });
    if (written) await onceWritten(written, site.signal);
    this.tree = { order, ports: this.tree.ports };
    return order;
  }

  async #checkpoint(site: Site, ready: ReadyWorkspace): Promise<void> {
    const {
      clock,
      ground: { workspaces },
    } = this.#host;
    this.warn((await workspaces.checkpoint(site, ready, seconds(clock))).warnings);
  }

  async #letIn(site: Site): Promise<void> {
    const { workspaces } = this.#host.ground;
    this.#hasIdentity = (await workspaces.look(site)).identity;
    this.#shared = await workspaces.shared(site);
  }

  /** Once; in a tree that has been made again, only git's note of it, so that what has been resolved stays. */
  async #putConflict(site: Site, ready: ReadyWorkspace, again: boolean): Promise<void> {
    const { conflict, isConflictThere } = this.tree;
    if (!conflict || (isConflictThere && !again)) return;
    await this.#host.ground.workspaces.putConflict(site, ready, conflict, { files: !isConflictThere });
    this.#host.internal({ type: '_conflict', sessionId: this.#session.id });
    this.tree = { ...this.tree, isConflictThere: true };
  }

  /** It may have been cut off. */
  #releaseAgain(site: Site, ready: ReadyWorkspace): Promise<void> {
    return this.#host.ground.workspaces.release(site, ready, { folder: ready.order.folder, tip: null });
  }

  async #takeAway(site: Site, ready: ReadyWorkspace): Promise<boolean> {
    const { workspaces } = this.#host.ground;
    const order = await workspaces.planRelease(site, ready);
    if (!order) return false;
    const sessionId = this.#session.id;
    const written = this.#host.order({ type: '_releasing', sessionId, order });
    if (written) await onceWritten(written, site.signal);
    await workspaces.release(site, ready, order);
    this.tree = { ...this.tree, isReleased: true };
    this.#host.record({ type: 'workspace_removed', sessionId, path: this.cwd ?? order.folder });
    this.cwd = undefined;
    return true;
  }
}
