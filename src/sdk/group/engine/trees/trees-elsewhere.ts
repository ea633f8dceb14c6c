import { join } from 'node:path';
import { textOfThrown } from '../../../errors.ts';
import { given } from '../../../given.ts';
import { textLog } from '../../../process/appending-file.ts';
import { type WorkspaceCode, WorkspaceError } from '../../../workspace/error.ts';
import type { WorkspaceOrder } from '../../../workspace/orders.ts';
import type { Restored, Site, WorkspacePort } from '../../../workspace/port.ts';
import type { SessionRefs, TransferPort } from '../../../workspace/transfer/transfer-port.ts';
import type { SessionExecutor } from '../../attempt/executor/executor.ts';
import type { StepAnswer, StepFailure, StepOptions, StepOrder } from '../../attempt/executor/step.ts';
import { siteOfProject } from '../../config/project-site.ts';
import { idsIn, type SentWork, type TreeAnswers, type TreeCall } from '../../tree/tree-call.ts';
import { TreeElsewhereError } from '../../tree/tree-elsewhere-error.ts';
import type { TreeGround, TreePort } from '../../tree/tree-host.ts';
import type { GroupEngine } from '../group-engine.ts';

/** How often what a place is lacking is sent: it may be another place each time. */
const MOST_ROUNDS = 6;

/** Nothing of the user's is in the repositories that workers have. */
const NOTHING_SHARED = { files: {}, branches: {} };

/** Where a session's tree is. */
interface Place {
  readonly name: string;
  /** It was made there, and what prepares it has not run. */
  readonly isBare: boolean;
}

/**
 * The trees are with the agents, on other machines. What needs a tree travels there as a step, together with the commits that
 * are lacking there; what a step has made comes back with its answer, under the same refs. What concerns the repository and
 * the group's branch happens in the group's own repository.
 *
 * ELSEWHERE-1 once a step has been answered, the group's repository has all of the session's commits, and its refs.
 * ELSEWHERE-2 a tree that was made again is journalled to be in its new place once it is prepared there: an engine that
 *    dies before that makes it anew.
 */
export function treesElsewhere(engine: GroupEngine, step: NonNullable<SessionExecutor['step']>): TreeGround {
  const { groupId } = engine;
  const places = new Map<string, Place>();
  /** What the sessions' refs stood at last. */
  const known = new Map<string, SessionRefs>();
  const waits = new Map<string, NonNullable<ReturnType<TreeGround['waitOf']>>>();
  const placeOf = (id: string): Place | undefined => {
    const name = engine.progress.fold.sessions.get(id)?.tree.at;
    return places.get(id) ?? (name === undefined ? undefined : { name, isBare: false });
  };

  const transferOf = (): TransferPort => {
    const { transfer } = engine.workspaces;
    if (transfer) return transfer;
    throw new WorkspaceError(
      'workspace_failed',
      'the workspaces of this host send nothing to other machines',
    );
  };

  const received = async (
    site: Site,
    { id, before }: { readonly id: string; readonly before: SessionRefs },
    { refs, pack }: SentWork,
  ): Promise<void> => {
    const transfer = transferOf();
    if (pack) await transfer.unpack(site, pack);
    const after = { ...before, ...refs };
    await transfer.moveRefs(site, before, after);
    known.set(id, after);
  };

  /** @throws WorkspaceError as the port's method does; TreeElsewhereError. */
  const send: Send = async <C extends TreeCall>(
    site: Site,
    { session: id, repository, base }: WorkspaceOrder,
    call: C,
  ): Promise<TreeAnswers[C['do']]> => {
    const transfer = transferOf();
    const refs = await transfer.refs(site, groupId, id);
    const named = idsIn(call.args);
    const unknown = new Set(await transfer.lacking(site, named));
    const order: StepOrder = {
      ...{ groupId, sessionId: id, repository, format: base.length === 64 ? 'sha256' : 'sha1' },
      ...{ call, refs, needs: named.filter(commit => !unknown.has(commit)) },
    };
    let to = placeOf(id)?.name;
    let pack: Uint8Array | undefined;
    for (let left = MOST_ROUNDS; left > 0; left--) {
      const at = placeOf(id)?.name;
      const onWait: StepOptions['onWait'] = wait => {
        if (wait) waits.set(id, wait);
        else waits.delete(id);
      };
      const options = { pack, signal: site.signal, onWait };
      const answer = await step({ ...order, ...given({ at, to }) }, options).finally(() => waits.delete(id));
      if (answer.kind === 'lacks') {
        pack = await transfer.pack(site, answer.lacks, answer.has);
        to = answer.place;
      } else return (await answered(site, { call, id, refs }, answer)) as TreeAnswers[C['do']];
    }
    throw new WorkspaceError('workspace_failed', `the commits that ${id} needs do not arrive`, {
      retryable: true,
    });
  };

  const answered = async (
    site: Site,
    { call, id, refs }: { readonly call: TreeCall; readonly id: string; readonly refs: SessionRefs },
    answer: Exclude<StepAnswer, { readonly kind: 'lacks' }>,
  ): Promise<unknown> => {
    if (answer.kind === 'elsewhere') throw new TreeElsewhereError(id);
    await received(site, { id, before: refs }, answer);
    if (answer.kind === 'failed') throw errorOf(answer.error);
    if (isMade(call, answer.value)) places.set(id, { name: answer.place, isBare: true });
    return answer.value;
  };

  const keepLog = (id: string, name: string, text: string): void => {
    const folder = engine.logDir(id);
    if (folder === undefined) return;
    const file = textLog(join(folder, name));
    file.write(Buffer.from(text));
    file.close();
  };

  const site = (id: string, signal: AbortSignal): Promise<Site> => {
    const { session } = engine.runOf(id);
    const project = engine.state.sessions.get(id) ?? session;
    return siteOfProject(project, engine.workspaces, { processes: `${groupId}:${id}:1`, signal });
  };

  return {
    here: false,
    workspaces: portOf({ workspaces: () => engine.workspaces }, send),
    async runCommands(id, { ready, cwd, attempt, signal, ...run }) {
      if (!ready) return { kind: 'red', command: '', how: 'there is no tree', output: '' };
      if (run.commands.length === 0) return { kind: 'green' };
      const { env, envPolicy } = engine.runOf(id).definition;
      const { log, ...outcome } = await send(await site(id, signal), ready.order, {
        do: 'run',
        args: [ready, { ...run, env, envPolicy }],
      });
      if (log !== undefined) keepLog(id, run.log, log);
      return outcome;
    },
    placeOf: id => {
      const at = placeOf(id)?.name;
      return at === undefined ? undefined : { at, has: Object.values(known.get(id) ?? {}) };
    },
    isBare: id => placeOf(id)?.isBare ?? false,
    waitOf: id => waits.get(id),
    isSetUp(id) {
      const place = placeOf(id);
      if (!place?.isBare) return;
      places.set(id, { ...place, isBare: false });
      engine.recorder.internal({ type: '_workspace_at', sessionId: id, place: place.name });
    },
    async take(id, work) {
      try {
        const at = await site(id, new AbortController().signal);
        await received(at, { id, before: await transferOf().refs(at, groupId, id) }, work);
        for (const message of work.warnings)
          engine.recorder.record({ type: 'session_warning', sessionId: id, message });
      } catch (reason) {
        const message = `what is in its tree is only on the machine that has it: ${textOfThrown(reason)}`;
        engine.recorder.record({ type: 'session_warning', sessionId: id, message });
      }
    },
  };
}

type Send = <C extends TreeCall>(site: Site, of: WorkspaceOrder, call: C) => Promise<TreeAnswers[C['do']]>;

/** The methods that the steps use: those that need a tree go where that is. */
function portOf({ workspaces }: { readonly workspaces: () => WorkspacePort }, send: Send): TreePort {
  return {
    cache: (...args) => workspaces().cache(...args),
    look: site => workspaces().look(site),
    resolve: (...args) => workspaces().resolve(...args),
    tips: (...args) => workspaces().tips(...args),
    planWorkspace: (...args) => workspaces().planWorkspace(...args),
    changes: (...args) => workspaces().changes(...args),
    planMerge: (...args) => workspaces().planMerge(...args),
    advance: (...args) => workspaces().advance(...args),
    emptyTrash: () => workspaces().emptyTrash(),
    shared: async () => NOTHING_SHARED,
    async prepare(site, order) {
      const { shallow, partial } = await workspaces().look(site);
      if (shallow || partial) throw incomplete(order.repository);
      return send(site, order, { do: 'prepare', args: [order] });
    },
    restore: (site, ready) => send(site, ready.order, { do: 'restore', args: [ready] }),
    checkpoint: (site, ...args) => send(site, args[0].order, { do: 'checkpoint', args }),
    planResult: (site, ...args) => send(site, args[0].order, { do: 'planResult', args }),
    takeResult: (site, ...args) => send(site, args[0].order, { do: 'takeResult', args }),
    takeMerge: (site, ...args) => send(site, args[0].order, { do: 'takeMerge', args }),
    putConflict: (site, ...args) => send(site, args[0].order, { do: 'putConflict', args }),
    standing: (site, ...args) => send(site, args[0].order, { do: 'standing', args }),
    archive: (site, ...args) => send(site, args[0].order, { do: 'archive', args }),
    planRelease: (site, ...args) => send(site, args[0].order, { do: 'planRelease', args }),
    release: (site, ...args) => send(site, args[0].order, { do: 'release', args }),
  };
}

/** Whether a call has made a tree, which is then to be prepared. */
const isMade = (call: TreeCall, value: unknown): boolean =>
  call.do === 'prepare' || (call.do === 'restore' && (value as Restored).again);

const incomplete = (repository: string): WorkspaceError =>
  new WorkspaceError('workspace_incomplete', `${repository} has only a part of its history or of its files`, {
    hint: 'Other machines need all of it: fetch the rest (git fetch --unshallow --refetch), or name the remote as `project`.',
  });

const errorOf = ({ code, message, ...more }: StepFailure): WorkspaceError =>
  new WorkspaceError(code as WorkspaceCode, message, given(more));
