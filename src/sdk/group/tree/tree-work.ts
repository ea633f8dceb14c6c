import type { StartedStep } from '../../../../machines/contract.ts';
import type { SessionError } from '../../../../machines/vocabulary.ts';
import type { Ports } from '../../delivery/ports.ts';
import type { CommandsOutcome } from '../../delivery/run-commands.ts';
import type { ReadyWorkspace } from '../../workspace/orders.ts';
import type { Site } from '../../workspace/port.ts';
import { siteOfProject } from '../config/project-site.ts';
import type { ResolvedSession } from '../config/resolve-session.ts';
import { staleTree, type TreeFold } from '../journal/session/tree-fold.ts';
import type { OrderedTree } from './tree-call.ts';
import { TreeElsewhereError } from './tree-elsewhere-error.ts';
import { onceWritten, type TreeCommands, type TreeHost, type TreeWatcher } from './tree-host.ts';
import { TreePlace } from './tree-place.ts';
import { type StepEvent, TreeResult } from './tree-result.ts';
import { errorOf, failureOf, named } from './tree-words.ts';

/** On how many machines a step is tried, one after the other has gone. */
const MOST_PLACES = 4;

/**
 * The host's side of a session's tree: takes the step that the chart starts, and says how it ended.
 *
 * TREE-WORK-1 one step at a time, and exactly one event answers it, in a later turn.
 * TREE-WORK-2 a step that was cut off is taken again from its order, if it was journalled. No step begins, and no command
 *    runs, before everything until then is in the journal.
 * TREE-WORK-3 when a step has been answered, none of its processes is left.
 */
export class TreeWork {
  readonly #session: ResolvedSession;
  readonly #host: TreeHost;
  readonly #watcher: TreeWatcher;
  readonly #place: TreePlace;
  readonly #result: TreeResult;
  #attempts = 0;
  #running: AbortController | undefined;
  #leaving: AbortController | undefined;

  constructor(session: ResolvedSession, host: TreeHost, watcher: TreeWatcher) {
    this.#session = session;
    this.#host = host;
    this.#watcher = watcher;
    this.#place = new TreePlace(session, host);
    this.#result = new TreeResult(session, host, this.#place, watcher);
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
    return conflict && this.#result.conflict(conflict);
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

  /** For an attempt that works in it elsewhere; undefined: it is here, or there is none. */
  get ordered(): OrderedTree | undefined {
    const place = this.#host.ground.placeOf(this.#session.id);
    const { ready } = this.tree;
    return place && ready && { ready, ...place };
  }

  /** In the environment of agent, set-up and checks; empty until they are taken. */
  get ports(): Ports {
    return this.#place.ports;
  }

  /**
   * The session rests: others may have its ports. It takes the same ones again where they are free.
   * @param how.forGood it takes none any more.
   */
  leavePorts(how?: { readonly forGood: boolean }): void {
    this.#place.leavePorts(how);
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
    if (!this.#host.ground.here) return undefined; // it came with the attempt's end
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
      const written = this.#host.written();
      if (written) await onceWritten(written, signal);
      const site = await this.#site(signal);
      const { order } = this.tree;
      if (order) await this.#host.recovered(site, order.repository);
      await this.#place.takePorts();
      return await this.#takeWhereItIs(step, site);
    } catch (reason) {
      return { type: 'step.failed', error: errorOf(reason) };
    }
  }

  /** Where the machine goes that has the tree, the step is taken again with a tree on another one. */
  async #takeWhereItIs(step: StartedStep, site: Site): Promise<StepEvent> {
    for (let left = MOST_PLACES; ; left--) {
      try {
        return await this.#take(step, site);
      } catch (reason) {
        if (!(reason instanceof TreeElsewhereError) || left === 1) throw reason;
      }
    }
  }

  #take(step: StartedStep, site: Site): Promise<StepEvent> {
    switch (step) {
      case 'settingUp':
        return this.#setUp(site);
      case 'saving':
        return this.#result.save(site, this.#attempts);
      case 'verifying':
        return this.#verify(site, 'verifying');
      case 'merging':
        return this.#result.merge(site, this.#attempts);
      case 'checking':
        return this.#verify(site, 'checking');
      case 'advancing':
        return this.#result.advance(site);
    }
  }

  async #setUp(site: Site): Promise<StepEvent> {
    if (this.tree.isStale) await this.#place.startOver(site);
    else if (this.tree.ready) {
      const found = await this.#place.find(site);
      const failed = await this.#furnish(site, found.ready);
      if (failed) return failed;
      await this.#place.enter(site, found);
      return { type: 'step.done' };
    }
    const made = await this.#place.make(site);
    const failed = await this.#prepare(site, made);
    if (failed) return failed;
    await this.#place.isReady(site, made);
    return { type: 'step.done' };
  }

  /** Prepares a tree that was made again on another machine. */
  async #furnish(site: Site, ready: ReadyWorkspace): Promise<StepEvent | undefined> {
    if (!this.#host.ground.isBare(this.#session.id)) return undefined;
    return this.#prepare(site, { ready, cwd: this.cwd ?? site.project });
  }

  /** Runs the commands that prepare a tree. undefined: it is prepared. */
  async #prepare(
    { signal }: Site,
    { ready, cwd }: { readonly ready: ReadyWorkspace; readonly cwd: string },
  ): Promise<StepEvent | undefined> {
    const { setup, setupTimeout: timeoutMs } = this.#session.workspace;
    const outcome = await this.#run({ ready, commands: setup, cwd, timeoutMs, log: 'setup.log', signal });
    if (outcome.kind === 'red') return { type: 'step.failed', error: failureOf('setup_failed', outcome) };
    if (outcome.kind === 'cut') return { type: 'step.ended' };
    this.#host.ground.isSetUp(this.#session.id);
    return undefined;
  }

  async #verify(site: Site, step: 'verifying' | 'checking'): Promise<StepEvent> {
    const { verify, id: sessionId, workspace } = this.#session;
    if (!verify) return { type: 'step.done' };
    const ready = workspace.mode === 'shared' ? undefined : await this.#place.there(site);
    const failed = ready && (await this.#furnish(site, ready));
    if (failed) return failed;
    const again = step === 'checking' ? { merged: true } : {};
    this.#host.record({ type: 'session_verifying', sessionId, ...again });
    const began = this.#host.clock.monotonic();
    const outcome = await this.#run({
      ...{ ready, commands: verify.commands, cwd: this.cwd ?? site.project },
      ...{ timeoutMs: verify.timeout, log: 'verify.log', signal: site.signal },
    });
    if (outcome.kind === 'cut') return { type: 'step.ended' };
    if (!ready) await this.#changedByChecks();
    if (outcome.kind === 'red') return { type: 'step.red', error: failureOf('verify_failed', outcome) };
    if (ready) {
      const { dirty } = await this.#host.ground.workspaces.standing(site, ready);
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
    this.#result.saved(changed);
  }

  async #run(commands: Omit<TreeCommands, 'attempt'>): Promise<CommandsOutcome> {
    const written = this.#host.written();
    if (written) await onceWritten(written, commands.signal);
    return this.#host.ground.runCommands(this.#session.id, { ...commands, attempt: this.#attempts });
  }

  /** A repository is fetched once: before the tree is planned. */
  #site(signal: AbortSignal): Promise<Site> {
    const processes = `${this.#host.groupId}:${this.#session.id}:${this.#attempts}`;
    const isFirst = this.tree.order === undefined;
    return siteOfProject(this.#session, this.#host.ground.workspaces, { processes, signal }, isFirst);
  }
}
