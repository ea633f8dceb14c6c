import type { SessionMachineEvent } from '../../../../machines/contract.ts';
import type { SessionError } from '../../../../machines/vocabulary.ts';
import { given } from '../../given.ts';
import { WorkspaceError } from '../../workspace/error.ts';
import type { ReadyWorkspace } from '../../workspace/orders.ts';
import type { Conflict, ResultPlan, Site } from '../../workspace/port.ts';
import type { ResolvedSession } from '../config/resolve-session.ts';
import { countedFrom, type TreeFold } from '../journal/session/tree-fold.ts';
import { onceWritten, seconds, type TreeHost, type TreeWatcher } from './tree-host.ts';
import type { TreePlace } from './tree-place.ts';
import { type Changed, conflictError, listed } from './tree-words.ts';

export type StepEvent = Extract<SessionMachineEvent, { readonly type: `step.${string}` }>;

/** Steps that make commits of a session's work, and bring them into the group's branch (TREE-WORK-1, TREE-WORK-2). */
export class TreeResult {
  readonly #session: ResolvedSession;
  readonly #host: TreeHost;
  readonly #place: TreePlace;
  readonly #watcher: TreeWatcher;

  constructor(session: ResolvedSession, host: TreeHost, place: TreePlace, watcher: TreeWatcher) {
    this.#session = session;
    this.#host = host;
    this.#place = place;
    this.#watcher = watcher;
  }

  get #tree(): TreeFold {
    return this.#place.tree;
  }

  async save(site: Site, attempts: number): Promise<StepEvent> {
    const ready = await this.#place.there(site);
    const { conflict } = this.#tree;
    await this.#place.compare(site);
    const plan = await this.#plan(site, ready, attempts);
    if (conflict && plan.unresolved.length > 0) {
      this.#place.warn(plan.warnings);
      return { type: 'step.red', error: this.conflict({ ...conflict, files: plan.unresolved }) };
    }
    await this.#take(site, ready, plan);
    return { type: 'step.done' };
  }

  async merge(site: Site, attempts: number): Promise<StepEvent> {
    const {
      clock,
      ground: { workspaces },
    } = this.#host;
    if (this.#tree.isIntegrated) return { type: 'step.done' };
    const ready = await this.#place.there(site);
    const byHand = await this.#resolvedByHand(site, ready, attempts);
    const { result, merge, conflict: before } = this.#tree;
    if (!result) throw new WorkspaceError('workspace_moved', `${this.#session.id} has no result yet`);
    // It has begun to take in what others had merged, and does so to its end; they may have merged more since.
    if (merge && !before) await workspaces.takeMerge(site, ready, merge);
    const ours = merge?.commit ?? result.commit;
    const plan = await workspaces.planMerge(site, ready, { result: ours, time: seconds(clock) });
    const sessionId = this.#session.id;
    if (plan.kind === 'conflict') {
      const { conflict } = plan;
      this.#place.tree = { ...this.#tree, conflict, isConflictThere: undefined };
      const authors = this.#host.authorsOf(ready.order.repository, conflict);
      const { files, ...sides } = conflict;
      this.#host.record({ type: 'session_conflict', sessionId, files: [...files], with: authors, ...sides });
      return { type: 'step.conflict', error: conflictError(conflict, authors) };
    }
    const written = this.#host.order({ type: '_merging', sessionId, order: plan.order });
    if (written) await onceWritten(written, site.signal);
    await workspaces.takeMerge(site, ready, plan.order);
    this.#place.tree = { ...this.#tree, merge: plan.order };
    const { commit } = plan.order;
    const differs = merge
      ? (await workspaces.changes(site, { from: result.commit, to: commit })).length > 0
      : plan.differs || byHand;
    return { type: 'step.done', ...(differs ? { differs } : {}) };
  }

  async advance(site: Site): Promise<StepEvent> {
    const {
      groupId,
      ground: { workspaces },
    } = this.#host;
    const { merge, ready, isIntegrated } = this.#tree;
    if (!merge || !ready)
      throw new WorkspaceError('workspace_moved', `${this.#session.id} has not been merged`);
    try {
      if (!isIntegrated) await workspaces.advance(site, groupId, merge);
    } catch (error) {
      if (error instanceof WorkspaceError && error.code === 'workspace_moved') return { type: 'step.moved' };
      throw error;
    }
    if (!isIntegrated) {
      const [{ repository }, { commit }] = [ready.order, merge];
      this.#host.record({ type: 'session_integrated', sessionId: this.#session.id, repository, commit });
      this.#place.tree = { ...this.#tree, isIntegrated: true };
    }
    await this.#place.release(site);
    return { type: 'step.done' };
  }

  /** What the session has changed so far. */
  saved(changed: Changed, from?: string): void {
    const said = { ...changed, changedFiles: [...changed.changedFiles], ...given({ from }) };
    this.#host.internal({ type: '_saved', sessionId: this.#session.id, ...said });
    this.#watcher.saved(changed);
  }

  conflict(conflict: Conflict): SessionError {
    return conflictError(conflict, this.#host.authorsOf(this.#tree.order?.repository ?? '', conflict));
  }

  #plan(site: Site, ready: ReadyWorkspace, attempts: number): Promise<ResultPlan> {
    const {
      clock,
      ground: { workspaces },
    } = this.#host;
    const { conflict } = this.#tree;
    const resolves = conflict ? { resolves: conflict } : {};
    return workspaces.planResult(site, ready, { attempts, time: seconds(clock), ...resolves });
  }

  async #take(site: Site, ready: ReadyWorkspace, { order, warnings }: ResultPlan): Promise<void> {
    const { workspaces } = this.#host.ground;
    this.#place.warn(warnings);
    const written = this.#host.order({ type: '_result', sessionId: this.#session.id, order });
    if (written) await onceWritten(written, site.signal);
    await workspaces.takeResult(site, ready, order);
    const { ports } = this.#tree;
    const from = countedFrom(this.#tree);
    const range = { from: from ?? ready.commit, to: order.commit, without: ready.included };
    this.saved(listed(await workspaces.changes(site, range)), from);
    this.#place.tree = { order: ready.order, ready, ports, result: order, from };
  }

  /** A person has merged what the session conflicted with, in its tree: that is its result now, and not checked yet. */
  async #resolvedByHand(site: Site, ready: ReadyWorkspace, attempts: number): Promise<boolean> {
    if (!this.#tree.conflict) return false;
    const plan = await this.#plan(site, ready, attempts);
    if (plan.unresolved.length > 0) return false;
    await this.#take(site, ready, plan);
    return true;
  }
}
