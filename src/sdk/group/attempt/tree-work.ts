import type { SessionMachineEvent, StartedStep } from '../../../../machines/contract.ts';
import type { SessionError } from '../../../../machines/vocabulary.ts';
import type { Clock } from '../../clock.ts';
import type { Command } from '../../delivery/config.ts';
import { type CommandsOutcome, runCommands } from '../../delivery/run-commands.ts';
import { textOfThrown } from '../../errors.ts';
import { WorkspaceError } from '../../workspace/error.ts';
import type { ObjectId } from '../../workspace/orders.ts';
import type { Conflict, FileChange, Site, WorkspacePort } from '../../workspace/port.ts';
import type { ResolvedSession } from '../config/resolve-session.ts';
import type { GroupEventBody } from '../journal/events.ts';
import type { InternalRecord } from '../journal/records.ts';
import type { StoredResult } from '../journal/stored-result.ts';
import type { TreeFold } from '../journal/tree-fold.ts';
import { MAX_FILES } from './session-changes.ts';

/** What the steps of a session's tree need from its group. */
export interface TreeHost {
  readonly groupId: string;
  readonly clock: Clock;
  readonly workspaces: WorkspacePort;
  record(body: GroupEventBody): void;
  internal(record: InternalRecord): void;
  /** Journals something before its effect. @throws if it can't be written; then there must be none. */
  order(record: InternalRecord): void;
  tell(id: string, event: SessionMachineEvent): void;
  /** The environment of set-up and checks: without a model's credentials. */
  environment(id: string): Readonly<Record<string, string>>;
  /** A file in the session's folder; undefined if nothing is kept on disk. */
  logFile(id: string, name: string): string | undefined;
  /** Results of the sessions that this one depends on, in its repository. */
  dependencies(id: string, repository: string): readonly ObjectId[];
}

type StepEvent = Extract<SessionMachineEvent, { readonly type: `step.${string}` }>;

/**
 * The host's side of a session's tree: takes the step that the chart starts, and says how it ended.
 *
 * TREE-WORK-1 one step at a time, and exactly one event answers it, in a later turn.
 * TREE-WORK-2 each order is journalled before its effect; a step that was cut off is taken again from its order.
 * TREE-WORK-3 when a step has been answered, none of its processes is left.
 */
export class TreeWork {
  readonly #session: ResolvedSession;
  readonly #host: TreeHost;
  readonly #onSaved: (changed: Changed) => void;
  #tree: TreeFold = {};
  #attempts = 0;
  #running: AbortController | undefined;
  /** Where the agent works; undefined until the tree has been looked for by this engine. */
  cwd: string | undefined;

  /** @param onSaved learns which files differ from what the session began with. */
  constructor(session: ResolvedSession, host: TreeHost, onSaved: (changed: Changed) => void) {
    this.#session = session;
    this.#host = host;
    this.#onSaved = onSaved;
  }

  get tree(): TreeFold {
    return this.#tree;
  }

  restore(tree: TreeFold): void {
    this.#tree = tree;
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

  async #answerTo(step: StartedStep, signal: AbortSignal): Promise<StepEvent> {
    try {
      await Promise.resolve(); // not in the turn in which it was started
      return await this.#take(step, this.#site(signal));
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
    const { workspaces } = this.#host;
    if (this.#tree.ready) {
      await this.#there(site);
      const { conflict } = this.#tree;
      if (conflict) await workspaces.putConflict(site, this.#tree.ready, conflict);
      return { type: 'step.done' };
    }
    const order = this.#tree.order ?? (await this.#plan(site));
    const { ready, cwd, conflict, warnings } = await workspaces.prepare(site, order);
    this.#warn(warnings);
    const { setup, setupTimeout } = this.#session.workspace;
    const outcome = await this.#run(setup, {
      cwd,
      timeoutMs: setupTimeout,
      log: 'setup.log',
      signal: site.signal,
    });
    if (outcome.kind === 'red') return { type: 'step.failed', error: failureOf('setup_failed', outcome) };
    if (outcome.kind === 'cut') return { type: 'step.ended' };
    this.cwd = cwd;
    const found = conflict ? { conflict } : {};
    this.#host.internal({ type: '_workspace_ready', sessionId: this.#session.id, ready, ...found });
    this.#tree = { ...this.#tree, ready, conflict: conflict ?? undefined };
    this.#host.record({
      type: 'workspace_ready',
      sessionId: this.#session.id,
      path: cwd,
      branch: shortBranch(ready.order.branch),
      commit: ready.commit,
    });
    return { type: 'step.done' };
  }

  async #plan(site: Site) {
    const { workspaces, groupId: group, clock } = this.#host;
    const { id: session, workspace } = this.#session;
    if (workspace.mode === 'shared') throw new Error(`${session} has no workspace of its own`);
    const { id: repository } = await workspaces.look(site);
    const order = await workspaces.planWorkspace(site, {
      ...{ mode: workspace.mode, group, session, base: workspace.base, include: workspace.include },
      dependencies: this.#host.dependencies(session, repository),
      time: seconds(clock),
    });
    this.#host.order({ type: '_workspace', sessionId: session, order });
    this.#tree = { ...this.#tree, order };
    return order;
  }

  /** The tree is where it was; one that has gone is made again. */
  async #there(site: Site) {
    const { ready } = this.#tree;
    if (!ready) throw new WorkspaceError('workspace_moved', `${this.#session.id} has no workspace yet`);
    const { cwd, warnings } = await this.#host.workspaces.restore(site, ready);
    this.#warn(warnings);
    this.cwd = cwd;
    return ready;
  }

  async #save(site: Site): Promise<StepEvent> {
    const { workspaces, clock } = this.#host;
    const ready = await this.#there(site);
    const { conflict } = this.#tree;
    const { order, unresolved, warnings } = await workspaces.planResult(site, ready, {
      ...{ attempts: this.#attempts, time: seconds(clock) },
      ...(conflict ? { resolves: conflict } : {}),
    });
    this.#warn(warnings);
    if (conflict && unresolved.length > 0)
      return { type: 'step.red', error: conflictError(conflict, unresolved) };
    this.#host.order({ type: '_result', sessionId: this.#session.id, order });
    await workspaces.takeResult(site, ready, order);
    const range = { from: ready.commit, to: order.commit, without: ready.included };
    const changed = listed(await workspaces.changes(site, range));
    this.#host.internal({
      type: '_saved',
      sessionId: this.#session.id,
      ...changed,
      changedFiles: [...changed.changedFiles],
    });
    this.#onSaved(changed);
    this.#tree = { ...this.#tree, result: order, conflict: undefined, merge: undefined };
    return { type: 'step.done' };
  }

  async #verify(site: Site, step: 'verifying' | 'checking'): Promise<StepEvent> {
    const { verify, id: sessionId, workspace } = this.#session;
    if (!verify) return { type: 'step.done' };
    const isOwn = workspace.mode !== 'shared';
    const ready = isOwn ? await this.#there(site) : undefined;
    this.#host.record({
      type: 'session_verifying',
      sessionId,
      ...(step === 'checking' ? { merged: true } : {}),
    });
    const began = this.#host.clock.monotonic();
    const outcome = await this.#run(verify.commands, {
      cwd: this.cwd ?? this.#session.projectPath,
      ...{ timeoutMs: verify.timeout, log: 'verify.log', signal: site.signal },
    });
    if (outcome.kind === 'cut') return { type: 'step.ended' };
    if (outcome.kind === 'red') return { type: 'step.red', error: failureOf('verify_failed', outcome) };
    if (ready) {
      const { dirty } = await this.#host.workspaces.standing(site, ready);
      if (dirty.length > 0) return { type: 'step.changed' };
    }
    const durationMs = Math.round(this.#host.clock.monotonic() - began);
    this.#host.record({ type: 'session_verified', sessionId, durationMs });
    return { type: 'step.done' };
  }

  async #merge(site: Site): Promise<StepEvent> {
    const { workspaces, clock } = this.#host;
    const ready = await this.#there(site);
    const { result } = this.#tree;
    if (!result) throw new WorkspaceError('workspace_moved', `${this.#session.id} has no result yet`);
    const plan = await workspaces.planMerge(site, ready, { result: result.commit, time: seconds(clock) });
    const sessionId = this.#session.id;
    if (plan.kind === 'conflict') {
      const { conflict } = plan;
      this.#tree = { ...this.#tree, conflict };
      this.#host.record({ type: 'session_conflict', sessionId, ...conflict, files: [...conflict.files] });
      return { type: 'step.conflict', error: conflictError(conflict, conflict.files) };
    }
    this.#host.order({ type: '_merging', sessionId, order: plan.order });
    await workspaces.takeMerge(site, ready, plan.order);
    this.#tree = { ...this.#tree, merge: plan.order };
    return { type: 'step.done', ...(plan.differs ? { differs: true } : {}) };
  }

  async #advance(site: Site): Promise<StepEvent> {
    const { workspaces, groupId } = this.#host;
    const { merge, ready } = this.#tree;
    if (!merge || !ready)
      throw new WorkspaceError('workspace_moved', `${this.#session.id} has not been merged`);
    try {
      await workspaces.advance(site, groupId, merge);
    } catch (reason) {
      if (reason instanceof WorkspaceError && reason.code === 'workspace_moved')
        return { type: 'step.moved' };
      throw reason;
    }
    const { repository } = ready.order;
    this.#host.record({
      type: 'session_integrated',
      sessionId: this.#session.id,
      repository,
      commit: merge.commit,
    });
    return { type: 'step.done' };
  }

  #run(
    commands: readonly Command[],
    { cwd, timeoutMs, log, signal }: { cwd: string; timeoutMs: number; log: string; signal: AbortSignal },
  ): Promise<CommandsOutcome> {
    const { id } = this.#session;
    const logFile = this.#host.logFile(id, log);
    return runCommands(
      {
        ...{ commands, cwd, timeoutMs, signal, env: this.#host.environment(id) },
        of: { groupId: this.#host.groupId, sessionId: id, attempt: this.#attempts },
        ...(logFile === undefined ? {} : { logFile }),
      },
      this.#host.clock,
    );
  }

  #warn(warnings: readonly string[]): void {
    for (const message of warnings) {
      this.#host.record({ type: 'session_warning', sessionId: this.#session.id, message });
    }
  }

  #site(signal: AbortSignal): Site {
    const processes = `${this.#host.groupId}:${this.#session.id}:${this.#attempts}`;
    return { project: this.#session.projectPath, processes, signal };
  }
}

type Changed = Required<Pick<StoredResult, 'changedFiles'>> & Pick<StoredResult, 'moreChangedFiles'>;

/** A rename counts as two. */
function listed(changes: readonly FileChange[]): Changed {
  const paths = changes
    .flatMap(({ path, before }) => (before === undefined ? [path] : [before, path]))
    .sort();
  const more = paths.length - MAX_FILES;
  return { changedFiles: paths.slice(0, MAX_FILES), ...(more > 0 ? { moreChangedFiles: more } : {}) };
}

const seconds = (clock: Clock): number => Math.floor(clock.now() / 1_000);

const shortBranch = (ref: string): string => ref.replace(/^refs\/heads\//, '');

/** For people, and for the conversation that is to correct it. */
function failureOf(
  code: 'setup_failed' | 'verify_failed',
  { command, how, output }: Extract<CommandsOutcome, { kind: 'red' }>,
): SessionError {
  return { code, message: `${command}: ${how}${output === '' ? '' : `\n\n${output.trimEnd()}`}` };
}

const MOST_NAMED = 20;

function conflictError({ theirs }: Conflict, files: readonly string[]): SessionError {
  const named = files.slice(0, MOST_NAMED).join(', ');
  const more = files.length > MOST_NAMED ? ` and ${files.length - MOST_NAMED} more` : '';
  return { code: 'merge_conflict', message: `conflict with ${theirs.slice(0, 12)} in ${named}${more}` };
}

function errorOf(reason: unknown): SessionError {
  if (reason instanceof WorkspaceError) {
    const code = reason.code === 'workspace_failed' && !reason.retryable ? 'prepare_failed' : reason.code;
    return { code: code as SessionError['code'], message: reason.message };
  }
  return { code: 'workspace_failed', message: textOfThrown(reason) };
}
