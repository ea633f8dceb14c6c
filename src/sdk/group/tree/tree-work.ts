import type { SessionMachineEvent, StartedStep } from '../../../../machines/contract.ts';
import type { SessionError } from '../../../../machines/vocabulary.ts';
import type { Command } from '../../delivery/config.ts';
import type { Ports } from '../../delivery/ports.ts';
import type { CommandsOutcome } from '../../delivery/run-commands.ts';
import { given } from '../../given.ts';
import { WorkspaceError } from '../../workspace/error.ts';
import type { ObjectId } from '../../workspace/orders.ts';
import type { Site } from '../../workspace/port.ts';
import { siteOfProject } from '../config/project-site.ts';
import type { ResolvedSession } from '../config/resolve-session.ts';
import { countedFrom, staleTree, type TreeFold } from '../journal/tree-fold.ts';
import { seconds, type TreeHost, type TreeWatcher } from './tree-host.ts';
import { TreePlace } from './tree-place.ts';
import { type Changed, conflictError, errorOf, failureOf, listed, named } from './tree-words.ts';

type StepEvent = Extract<SessionMachineEvent, { readonly type: `step.${string}` }>;

/**
 * The host's side of a session's tree: takes the step that the chart starts, and says how it ended.
 *
 * TREE-WORK-1 one step at a time, and exactly one event answers it, in a later turn.
 * TREE-WORK-2 a step that was cut off is taken again from its order, if it was journalled.
 * TREE-WORK-3 when a step has been answered, none of its processes is left.
 */
export class TreeWork {
  readonly #session: ResolvedSession;
  readonly #host: TreeHost;
  readonly #watcher: TreeWatcher;
  readonly #place: TreePlace;
  #attempts = 0;
  #running: AbortController | undefined;
  #leaving: AbortController | undefined;

  constructor(session: ResolvedSession, host: TreeHost, watcher: TreeWatcher) {
    this.#session = session;
    this.#host = host;
    this.#watcher = watcher;
    this.#place = new TreePlace(session, host);
  }

  get tree(): TreeFold {
    return this.#place.tree;
  }

  /** Where the agent works; undefined until the tree has been looked for by this engine. */
  get cwd(): string | undefined {
    return this.#place.cwd;
  }

  /** What its conversation has to be told of the tree that it gets. */
  get problem(): SessionError | undefined {
    const { conflict } = this.tree;
    return conflict && this.#conflict(conflict);
  }

  restore(tree: TreeFold): void {
    this.#place.tree = tree;
  }

  /** It is to run again in a new tree. */
  startOver(): void {
    this.#place.tree = staleTree(this.#place.tree);
  }

  environment(env: Readonly<Record<string, string>>): Record<string, string> {
    return this.#place.environment(env);
  }

  /** In the environment of agent, set-up and checks; empty until they are taken. */
  get ports(): Ports {
    return this.#place.ports;
  }

  /** The session rests: others may have its ports. It takes the same ones again where they are free. */
  leavePorts(): void {
    this.#place.leavePorts();
  }

  start(step: StartedStep, attempts: number): void {
    this.#attempts = attempts;
    const running = new AbortController();
    this.#running = running;
    const { id } = this.#session;
    void this.#answerTo(step, running.signal).then(event => {
      this.#running = undefined;
      this.#host.tell(id, running.signal.aborted ? { type: 'step.ended' } : event);
    });
  }

  cutOff(): void {
    this.#running?.abort();
  }

  /** An attempt has ended without being done: saves what is in the tree. undefined: there is none. Never rejects. */
  leave(): Promise<void> | undefined {
    if (this.#session.workspace.mode === 'shared' || this.cwd === undefined) return undefined;
    const leaving = new AbortController();
    this.#leaving = leaving;
    return this.#place
      .leave(() => this.#site(leaving.signal))
      .finally(() => {
        this.#leaving = undefined;
      });
  }

  /** Nobody waits for it any more. */
  abandon(): void {
    this.#running?.abort();
    this.#leaving?.abort();
  }

  async #answerTo(step: StartedStep, signal: AbortSignal): Promise<StepEvent> {
    try {
      await Promise.resolve(); // not in the turn in which it was started
      const site = await this.#site(signal);
      const { order } = this.tree;
      if (order) await this.#host.recovered(site, order.repository);
      await this.#place.takePorts();
      return await this.#take(step, site);
    } catch (reason) {
      return { type: 'step.failed', error: errorOf(reason) };
    }
  }

  #take(step: StartedStep, site: Site): Promise<StepEvent> {
    switch (step) {
      case 'settingUp':
        return this.#setUp(site);
      case 'saving':
        return this.#save(site);
      case 'verifying':
        return this.#verify(site, 'verifying');
      case 'merging':
        return this.#merge(site);
      case 'checking':
        return this.#verify(site, 'checking');
      case 'advancing':
        return this.#advance(site);
    }
  }

  async #setUp(site: Site): Promise<StepEvent> {
    if (this.tree.isStale) await this.#place.startOver(site);
    else if (this.tree.ready) {
      await this.#place.enter(site);
      return { type: 'step.done' };
    }
    const made = await this.#place.make(site);
    const { setup, setupTimeout: timeoutMs } = this.#session.workspace;
    const outcome = await this.#run(setup, {
      cwd: made.cwd,
      timeoutMs,
      log: 'setup.log',
      signal: site.signal,
    });
    if (outcome.kind === 'red') return { type: 'step.failed', error: failureOf('setup_failed', outcome) };
    if (outcome.kind === 'cut') return { type: 'step.ended' };
    await this.#place.isReady(site, made);
    return { type: 'step.done' };
  }

  async #save(site: Site): Promise<StepEvent> {
    const { workspaces, clock } = this.#host;
    const ready = await this.#place.there(site);
    const { conflict } = this.tree;
    await this.#place.compare(site);
    const { order, unresolved, warnings } = await workspaces.planResult(site, ready, {
      ...{ attempts: this.#attempts, time: seconds(clock) },
      ...(conflict ? { resolves: conflict } : {}),
    });
    this.#place.warn(warnings);
    if (conflict && unresolved.length > 0)
      return { type: 'step.red', error: this.#conflict({ ...conflict, files: unresolved }) };
    const sessionId = this.#session.id;
    this.#host.order({ type: '_result', sessionId, order });
    await workspaces.takeResult(site, ready, order);
    const { ports } = this.tree;
    const from = countedFrom(this.tree);
    const range = { from: from ?? ready.commit, to: order.commit, without: ready.included };
    this.#saved(listed(await workspaces.changes(site, range)), from);
    this.#place.tree = { order: ready.order, ready, ports, result: order, from };
    return { type: 'step.done' };
  }

  #saved(changed: Changed, from?: ObjectId): void {
    const said = { ...changed, changedFiles: [...changed.changedFiles], ...given({ from }) };
    this.#host.internal({ type: '_saved', sessionId: this.#session.id, ...said });
    this.#watcher.saved(changed);
  }

  async #verify(site: Site, step: 'verifying' | 'checking'): Promise<StepEvent> {
    const { verify, id: sessionId, workspace } = this.#session;
    if (!verify) return { type: 'step.done' };
    const ready = workspace.mode === 'shared' ? undefined : await this.#place.there(site);
    const again = step === 'checking' ? { merged: true } : {};
    this.#host.record({ type: 'session_verifying', sessionId, ...again });
    const began = this.#host.clock.monotonic();
    const outcome = await this.#run(verify.commands, {
      cwd: this.cwd ?? site.project,
      ...{ timeoutMs: verify.timeout, log: 'verify.log', signal: site.signal },
    });
    if (outcome.kind === 'cut') return { type: 'step.ended' };
    if (!ready) await this.#changedByChecks();
    if (outcome.kind === 'red') return { type: 'step.red', error: failureOf('verify_failed', outcome) };
    if (ready) {
      const { dirty } = await this.#host.workspaces.standing(site, ready);
      if (dirty.length > 0) return { type: 'step.changed' };
    }
    const durationMs = Math.round(this.#host.clock.monotonic() - began);
    this.#host.record({ type: 'session_verified', sessionId, durationMs });
    return { type: 'step.done' };
  }

  /** In the project's own folder nothing is committed, and nothing is put back. */
  async #changedByChecks(): Promise<void> {
    const before = new Set(this.#watcher.changed?.changedFiles);
    const changed = await this.#watcher.recount();
    const more = changed?.changedFiles.filter(file => !before.has(file)) ?? [];
    if (!changed || more.length === 0) return;
    this.#place.warn([`its checks have changed files of the project: ${named(more)}`]);
    this.#saved(changed);
  }

  async #merge(site: Site): Promise<StepEvent> {
    const { workspaces, clock } = this.#host;
    const { result, merge, isIntegrated } = this.tree;
    if (isIntegrated) return { type: 'step.done' };
    const ready = await this.#place.there(site);
    if (!result) throw new WorkspaceError('workspace_moved', `${this.#session.id} has no result yet`);
    // It has begun to take in what others had merged, and does so to its end; they may have merged more since.
    if (merge) await workspaces.takeMerge(site, ready, merge);
    const ours = merge?.commit ?? result.commit;
    const plan = await workspaces.planMerge(site, ready, { result: ours, time: seconds(clock) });
    const sessionId = this.#session.id;
    if (plan.kind === 'conflict') {
      const { conflict } = plan;
      this.#place.tree = { ...this.tree, conflict, isConflictThere: undefined };
      const authors = this.#host.authorsOf(ready.order.repository, conflict);
      const { files, ...sides } = conflict;
      this.#host.record({ type: 'session_conflict', sessionId, files: [...files], with: authors, ...sides });
      return { type: 'step.conflict', error: conflictError(conflict, authors) };
    }
    this.#host.order({ type: '_merging', sessionId, order: plan.order });
    await workspaces.takeMerge(site, ready, plan.order);
    this.#place.tree = { ...this.tree, merge: plan.order };
    const { commit } = plan.order;
    const differs = merge
      ? (await workspaces.changes(site, { from: result.commit, to: commit })).length > 0
      : plan.differs;
    return { type: 'step.done', ...(differs ? { differs } : {}) };
  }

  async #advance(site: Site): Promise<StepEvent> {
    const { workspaces, groupId } = this.#host;
    const { merge, ready } = this.tree;
    if (!merge || !ready)
      throw new WorkspaceError('workspace_moved', `${this.#session.id} has not been merged`);
    try {
      if (!this.tree.isIntegrated) await workspaces.advance(site, groupId, merge);
    } catch (error) {
      if (error instanceof WorkspaceError && error.code === 'workspace_moved') return { type: 'step.moved' };
      throw error;
    }
    if (!this.tree.isIntegrated) {
      const [{ repository }, { commit }] = [ready.order, merge];
      this.#host.record({ type: 'session_integrated', sessionId: this.#session.id, repository, commit });
      this.#place.tree = { ...this.tree, isIntegrated: true };
    }
    await this.#place.release(site);
    return { type: 'step.done' };
  }

  #conflict(conflict: NonNullable<TreeFold['conflict']>): SessionError {
    return conflictError(conflict, this.#host.authorsOf(this.tree.order?.repository ?? '', conflict));
  }

  #run(
    commands: readonly Command[],
    { cwd, timeoutMs, log, signal }: { cwd: string; timeoutMs: number; log: string; signal: AbortSignal },
  ): Promise<CommandsOutcome> {
    const { id } = this.#session;
    const logFile = this.#host.logFile(id, log);
    return this.#host.commands(
      {
        ...{ commands, cwd, timeoutMs, signal, env: this.#host.environment(id) },
        of: { groupId: this.#host.groupId, sessionId: id, attempt: this.#attempts },
        ...(logFile === undefined ? {} : { logFile }),
      },
      this.#host.clock,
    );
  }

  /** A repository is fetched once: before the tree is planned. */
  #site(signal: AbortSignal): Promise<Site> {
    const processes = `${this.#host.groupId}:${this.#session.id}:${this.#attempts}`;
    const isFirst = this.tree.order === undefined;
    return siteOfProject(this.#session, this.#host.workspaces, { processes, signal }, isFirst);
  }
}
