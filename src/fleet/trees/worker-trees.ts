import { randomUUID } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../sdk/clock.ts';
import { isCode } from '../../sdk/disk/disk-files.ts';
import { textOfThrown } from '../../sdk/errors.ts';
import { given } from '../../sdk/given.ts';
import type { StepAnswer, StepFailure, StepOrder } from '../../sdk/group/attempt/executor/step.ts';
import type { HostEnvironment } from '../../sdk/group/config/environment.ts';
import { idsIn, type OrderedTree, type TreeCall } from '../../sdk/group/tree/tree-call.ts';
import type { ProjectGate } from '../../sdk/project/project-gate.ts';
import type { Attempt, AttemptEnd } from '../../sdk/session/agent.ts';
import { WorkspaceError } from '../../sdk/workspace/error.ts';
import { locksOf } from '../../sdk/workspace/locks.ts';
import { branchOf } from '../../sdk/workspace/names.ts';
import type { ObjectId, WorkspaceOrder } from '../../sdk/workspace/orders.ts';
import type { Site, WorkspacePort } from '../../sdk/workspace/port.ts';
import type { SessionRefs, TransferPort } from '../../sdk/workspace/transfer/transfer-port.ts';
import { createWorkspaces } from '../../sdk/workspace/workspaces.ts';
import type { Channel, Writer } from '../channel.ts';
import type { ToldWork } from '../protocol.ts';
import type { EventSink } from '../worker-attempt.ts';
import { answerBytes, type ReadStep, type ToldAnswer, type TreeStepOrder } from './step-texts.ts';
import { type CommandsPlace, runInTree } from './tree-commands.ts';

export interface WorkerTreesOptions {
  readonly clock: Clock;
  readonly channel: Channel;
  /** Determines which git is run, and whose settings are read. */
  readonly gitEnv: HostEnvironment;
  /** The variables that set-up and checks may refer to and inherit. */
  readonly host: HostEnvironment;
  /** The trees are below it; absolute. Workers that have the same one are one place. */
  readonly folder: string;
  /** One step of a session at a time, across all workers of the folder. */
  readonly gate: ProjectGate;
}

/** Carries out steps in the trees of a place. */
export interface TreeWorker {
  /** A name that no other folder of trees has. */
  readonly place: string;
  /** Its answer is the result of its end: the name of a blob. */
  start(step: ReadStep, writer: Writer, sink: EventSink): Attempt;
}

/** Calls that make a tree, or do without. */
const NEEDS_NO_TREE: ReadonlySet<TreeCall['do']> = new Set([
  ...(['prepare', 'restore', 'standing', 'archive', 'planRelease', 'release'] as const),
]);

/**
 * The trees of sessions whose groups are elsewhere, in repositories of its own, which are fetched from nowhere: what they
 * have has come from the groups.
 *
 * TREES-1 of a session, one step at a time.
 * TREES-2 a tree that its session has left behind here is kept under a ref before another one is made in its place.
 * TREES-3 the refs here are the group's until there is a tree; from then on, the tree's.
 */
export class WorkerTrees implements TreeWorker {
  readonly place: string;
  readonly #options: WorkerTreesOptions;
  readonly #port: WorkspacePort;
  readonly #transfer: TransferPort;
  readonly #recovered = new Set<string>();

  constructor(options: WorkerTreesOptions) {
    const { clock, gitEnv, folder, gate } = options;
    this.#options = options;
    this.#port = createWorkspaces({ clock, env: gitEnv, workDir: folder, gate });
    const { transfer } = this.#port;
    if (!transfer) throw new Error('workspaces of this machine have a transfer');
    this.#transfer = transfer;
    this.place = placeOf(folder);
  }

  start(step: ReadStep, { group, session, epoch }: Writer, sink: EventSink): Attempt {
    const stopping = new AbortController();
    const { signal } = stopping;
    const at = { processes: `${group}:${session}:${epoch}`, signal };
    const of = { groupId: group, sessionId: session, attempt: epoch };
    void this.#end(() => this.#answer(step, at, of), signal).then(end => sink({ type: 'ended', end }));
    const stop = () => stopping.abort();
    return { interrupt: stop, terminate: stop, kill: stop, answerPermission() {} };
  }

  /** Where an agent works. @throws if the tree is not there. */
  cwdOf({ ready: { order }, at }: OrderedTree): string {
    const cwd = join(this.#options.folder, order.folder, order.inner);
    const is = at === this.place && statSync(cwd, { throwIfNoEntry: false })?.isDirectory();
    if (!is) throw new Error('the tree of its session is not here');
    return cwd;
  }

  /** What is in the tree when an attempt has ended. Rejects if that can't be read or told. */
  async keep(
    {
      groupId: group,
      sessionId: session,
      attempt,
    }: Pick<StepOrder, 'groupId' | 'sessionId'> & { readonly attempt: number },
    { ready, has }: OrderedTree,
  ): Promise<ToldWork> {
    const { signal } = new AbortController();
    const site = await this.#site(ready.order, { processes: `${group}:${session}:${attempt}`, signal });
    const time = Math.floor(this.#options.clock.now() / 1_000);
    const { warnings } = await this.#port.checkpoint(site, ready, time);
    const refs = await this.#transfer.refs(site, group, session);
    const pack = await this.#pack(site, Object.values(refs), [ready.commit, ...has]);
    return { refs, warnings, ...given({ pack: pack && (await this.#options.channel.put(group, pack)) }) };
  }

  async #end(answer: () => Promise<string>, signal: AbortSignal): Promise<AttemptEnd> {
    try {
      const result = await answer();
      return signal.aborted ? { outcome: 'interrupted' } : { outcome: 'done', result, denials: [] };
    } catch (reason) {
      if (signal.aborted) return { outcome: 'interrupted' };
      return { outcome: 'failed', code: 'start_failed', message: textOfThrown(reason) };
    }
  }

  async #answer(
    { order, pack: name }: ReadStep,
    at: Omit<Site, 'project'>,
    of: CommandsPlace['of'],
  ): Promise<string> {
    const { channel, gate } = this.#options;
    const { groupId: group, sessionId } = order;
    const pack = name === undefined ? undefined : await channel.get(group, name);
    const answer = await locksOf(gate).hold(`steps:${this.place}:${group}/${sessionId}`, at.signal, () =>
      this.#take(order, pack, at, of),
    );
    const { pack: made, ...told } = { pack: undefined, ...answer };
    const bytes = made && (await channel.put(group, made));
    return channel.put(
      group,
      answerBytes({ answer: told as ToldAnswer['answer'], ...given({ pack: bytes }) }),
    );
  }

  async #take(
    order: TreeStepOrder,
    pack: Uint8Array | undefined,
    at: Omit<Site, 'project'>,
    of: CommandsPlace['of'],
  ): Promise<StepAnswer> {
    const { groupId: group, sessionId: session, call, needs } = order;
    const transfer = this.#transfer;
    const { place } = this;
    const site = await this.#site(orderOf(call), at, order.format);
    if (pack) await transfer.unpack(site, pack);
    const mine = await transfer.refs(site, group, session);
    const isMine = order.at === place && mine[branchOf(group, session)] !== undefined;
    const known = [...needs, ...Object.values(order.refs)];
    const lacks = await transfer.lacking(site, isMine ? needs : known);
    if (lacks.length > 0) return { kind: 'lacks', place, lacks, has: await transfer.tips(site) };
    await this.#recover(site, orderOf(call));
    if (!isMine) {
      if (!NEEDS_NO_TREE.has(call.do)) return { kind: 'elsewhere', place };
      await this.#takeOver(site, order, mine);
    }
    const made = async () => {
      const refs = await transfer.refs(site, group, session);
      return { place, refs, wanted: Object.values(refs) };
    };
    try {
      const value = await this.#call(site, order, of);
      const { wanted, ...work } = await made();
      const sent = await this.#pack(site, [...wanted, ...(await this.#present(site, idsIn(value)))], known);
      return { kind: 'done', value, ...work, ...given({ pack: sent }) };
    } catch (reason) {
      if (!(reason instanceof WorkspaceError)) throw reason;
      const { wanted, ...work } = await made();
      const sent = await this.#pack(site, wanted, known);
      return { kind: 'failed', error: failureOf(reason), ...work, ...given({ pack: sent }) };
    }
  }

  /** Once for each repository: whoever had locks there before is gone. */
  async #recover(site: Site, order: WorkspaceOrder): Promise<void> {
    const key = `${order.repository} ${order.group}`;
    if (this.#recovered.has(key)) return;
    this.#recovered.add(key);
    await this.#port.recover(site, [order]);
  }

  /** The session comes here: what it had left here before is put aside, and its refs are the group's. */
  async #takeOver(
    site: Site,
    { groupId: group, sessionId: session, call, refs }: TreeStepOrder,
    mine: SessionRefs,
  ): Promise<void> {
    const [first] = call.args;
    let now = mine;
    if (
      'order' in first &&
      statSync(join(this.#options.folder, first.order.folder), { throwIfNoEntry: false })
    ) {
      await this.#port.archive(site, first, Math.floor(this.#options.clock.now() / 1_000));
      await this.#port.release(site, first, { folder: first.order.folder, tip: null });
      now = await this.#transfer.refs(site, group, session);
    }
    const kept = Object.fromEntries(Object.entries(now).filter(([ref]) => ref.includes('/archive/')));
    await this.#transfer.moveRefs(site, now, { ...kept, ...refs });
  }

  #call(site: Site, { groupId, sessionId, call }: TreeStepOrder, of: CommandsPlace['of']) {
    if (call.do === 'run')
      return runInTree(call.args, { ...this.#options, signal: site.signal, of, groupId, sessionId });
    if (call.do === 'release') return this.#release(site, call);
    const take = this.#port[call.do] as (site: Site, ...args: readonly unknown[]) => Promise<unknown>;
    return take(site, ...call.args);
  }

  async #release(site: Site, { args }: Extract<TreeCall, { readonly do: 'release' }>): Promise<void> {
    await this.#port.release(site, ...args);
    this.#port.emptyTrash().catch(() => {}); // the next one empties it
  }

  async #site(
    { repository, base }: WorkspaceOrder,
    at: Omit<Site, 'project'>,
    format: StepOrder['format'] = base.length === 64 ? 'sha256' : 'sha1',
  ): Promise<Site> {
    return { ...at, project: await this.#transfer.place(at, { repository, format }) };
  }

  async #present(site: Site, commits: readonly ObjectId[]): Promise<ObjectId[]> {
    const lacking = new Set(await this.#transfer.lacking(site, commits));
    return commits.filter(commit => !lacking.has(commit));
  }

  /** undefined: there is nothing that its receiver lacks. */
  async #pack(
    site: Site,
    commits: readonly ObjectId[],
    has: readonly ObjectId[],
  ): Promise<Uint8Array | undefined> {
    const known = new Set(has);
    return commits.every(commit => known.has(commit)) ? undefined : this.#transfer.pack(site, commits, has);
  }
}

/** Whose tree it is. */
function orderOf({ args: [first] }: TreeCall): WorkspaceOrder {
  return 'order' in first ? first.order : first;
}

function failureOf({ workspace: code, message, hint, retryable, files }: WorkspaceError): StepFailure {
  return { code, message, retryable, files, ...given({ hint }) };
}

/** The name that the folder has given itself. */
function placeOf(folder: string): string {
  const file = join(folder, '.place');
  try {
    writeFileSync(file, randomUUID().slice(0, 13), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  }
  return readFileSync(file, 'utf8');
}
