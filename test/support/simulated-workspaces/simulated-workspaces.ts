import type { Clock } from '../../../src/sdk/clock.ts';
import { sleep } from '../../../src/sdk/clock.ts';
import { DEFINITION_PROCESSES } from '../../../src/sdk/group/findings/repository-findings.ts';
import { WorkspaceError } from '../../../src/sdk/workspace/error.ts';
import {
  archiveRef,
  branchOf,
  checkpointRef,
  folderOf,
  mergedBranch,
  refsOf,
} from '../../../src/sdk/workspace/names.ts';
import type { ObjectId, ReadyWorkspace, WorkspaceOrder } from '../../../src/sdk/workspace/orders.ts';
import type { Site, WorkspacePort } from '../../../src/sdk/workspace/port.ts';
import { deliver, join, move, moved, planDelivery, planUndo } from './moves.ts';
import { differing, type Files, isSame, MARKER, SimulatedRepository } from './objects.ts';
import { changeOf, standing, viewOf } from './views.ts';

/** A session's tree in memory. */
export interface SimulatedTree {
  readonly files: Map<string, string>;
  readonly branch: string;
  merging: ObjectId | undefined;
}

/** Repositories and trees in memory: what outlives an engine. */
export class SimulatedGround {
  readonly repositories = new Map<string, SimulatedRepository>();
  /** By folder, as in orders. */
  readonly trees = new Map<string, SimulatedTree>();

  repository(
    project: string,
    files: Readonly<Record<string, string>> = { 'a.txt': 'a\n' },
  ): SimulatedRepository {
    const repository = new SimulatedRepository(files);
    this.repositories.set(project, repository);
    return repository;
  }
}

export interface SimulatedOptions {
  readonly clock: Clock;
  /** How long a step takes. Default: 10 ms. */
  readonly stepMs?: number;
  /** What folders of trees begin with where they are shown as an agent's. Default: nothing. */
  readonly root?: string;
  /**
   * Called before each effect and after it, with the name of the method. An engine that dies there never hears of the
   * step again: return a promise that does not settle.
   */
  readonly point?: (name: string) => void | Promise<void>;
}

/** The port without git, for simulations: the same answers, orders, refs and conflicts, files as whole texts. */
export function simulatedWorkspaces(ground: SimulatedGround, options: SimulatedOptions): WorkspacePort {
  const { clock, stepMs = 10, root = '', point = () => {} } = options;

  const repositoryOf = ({ project }: Pick<Site, 'project'>): SimulatedRepository => {
    const found = ground.repositories.get(project);
    if (found) return found;
    throw new WorkspaceError('workspace_no_repository', `${project} is not in a git repository`);
  };
  const treeOf = ({ folder }: WorkspaceOrder): SimulatedTree => {
    const tree = ground.trees.get(folder);
    if (tree) return tree;
    throw new WorkspaceError('workspace_failed', `${folder} has gone`);
  };
  /** What gets into commits. */
  const filesOf = ({ order, included }: ReadyWorkspace): Files =>
    new Map([...treeOf(order).files].filter(([path]) => !included.includes(path)));
  const put = (tree: SimulatedTree, files: Files, included: readonly string[]): void => {
    for (const path of [...tree.files.keys()]) if (!included.includes(path)) tree.files.delete(path);
    for (const [path, content] of files) tree.files.set(path, content);
  };
  const step = async <T>(site: Pick<Site, 'signal'>, name: string, take: () => T): Promise<T> => {
    site.signal.throwIfAborted();
    await point(name);
    await sleep(clock, stepMs, site.signal);
    const answer = take();
    await point(name);
    return answer;
  };
  /** Of a definition, before there is a group: no point of its life, and it takes no time. */
  const ask = async <T>(site: Site, name: string, take: () => T): Promise<T> =>
    site.processes === DEFINITION_PROCESSES ? take() : step(site, name, take);
  const save = (site: Site, ready: ReadyWorkspace, time: number): ObjectId => {
    const repository = repositoryOf(site);
    const { group, session, branch } = ready.order;
    const ref = checkpointRef(group, session);
    const [before, tip] = [repository.refs.get(ref), repository.refs.get(branch) ?? ready.commit];
    const files = filesOf(ready);
    if (before !== undefined && isSame(repository.at(before).files, files)) return before;
    const parents = before === undefined ? [tip] : [tip, before];
    const commit = repository.commit({ files, parents, text: 'checkpoint', time });
    repository.refs.set(ref, commit);
    return commit;
  };

  return {
    cache: (site, url) => step(site, 'cache', () => repositoryOf({ project: url }) && url),
    look: site => ask(site, 'look', () => viewOf(site, repositoryOf(site))),
    resolve: (site, base) =>
      ask(site, 'resolve', () => {
        const { refs } = repositoryOf(site);
        const name = base.replace(/^refs\/heads\//, '');
        return refs.get(`refs/heads/${name === 'HEAD' ? 'main' : name}`) ?? null;
      }),
    measure: (site, base = 'main') =>
      step(site, 'measure', () => {
        const repository = repositoryOf(site);
        const commit = repository.refs.get(`refs/heads/${base === 'HEAD' ? 'main' : base}`);
        const contents = commit === undefined ? [] : [...repository.at(commit).files.values()];
        return { files: contents.length, bytes: contents.reduce((sum, { length }) => sum + length, 0) };
      }),
    planWorkspace: (site, wish) =>
      step(site, 'planWorkspace', () => {
        const repository = repositoryOf(site);
        const { mode, group, session, base = 'HEAD', time } = wish;
        const named = repository.refs.get(base === 'HEAD' ? 'refs/heads/main' : `refs/heads/${base}`);
        const root = () => repository.commit({ files: new Map(), parents: [], text: group, time });
        const order: WorkspaceOrder = {
          ...{ repository: site.project, mode, group, session, time, inner: wish.inner ?? '' },
          folder: folderOf(group, session),
          branch: branchOf(group, session),
          base: named ?? (base === 'HEAD' ? root() : base),
          dependencies: wish.dependencies ?? [],
          include: wish.include ?? [],
          replaces: wish.replaces ?? null,
        };
        return order;
      }),
    prepare: (site, order) =>
      step(site, 'prepare', () => {
        const repository = repositoryOf(site);
        let commit = order.base;
        const missing: ObjectId[] = [];
        for (const dependency of order.dependencies) {
          const joined = join(repository, commit, dependency, order.time);
          if (joined.commit === undefined) missing.push(dependency);
          else commit = joined.commit;
        }
        const [first] = missing;
        const conflict =
          first === undefined ? undefined : join(repository, commit, first, order.time).conflict;
        move(repository, order.branch, order.replaces, commit);
        const included = order.include.filter(path => repository.users.has(path));
        const files = new Map(repository.at(commit).files);
        for (const path of included) files.set(path, repository.users.get(path) ?? '');
        ground.trees.set(order.folder, { files, branch: order.branch, merging: undefined });
        const ready = { order, commit, included };
        return { ready, cwd: `${root}${order.folder}`, conflict: conflict ?? null, missing, warnings: [] };
      }),
    restore: (site, ready) =>
      step(site, 'restore', () => {
        const { order } = ready;
        if (ground.trees.has(order.folder))
          return { cwd: `${root}${order.folder}`, again: false, warnings: [] };
        const repository = repositoryOf(site);
        const tip = repository.refs.get(order.branch);
        if (tip === undefined) throw moved(order.branch);
        const saved = repository.refs.get(checkpointRef(order.group, order.session));
        const from = saved !== undefined && repository.contains(saved, tip) ? saved : tip;
        const files = new Map(repository.at(from).files);
        ground.trees.set(order.folder, { files, branch: order.branch, merging: undefined });
        return { cwd: `${root}${order.folder}`, again: true, warnings: [`${order.folder} had gone`] };
      }),
    checkpoint: (site, ready, time) =>
      step(site, 'checkpoint', () => ({ commit: save(site, ready, time), warnings: [] })),
    planResult: (site, ready, { time, resolves, attempts }) =>
      step(site, 'planResult', () => {
        const repository = repositoryOf(site);
        const tree = treeOf(ready.order);
        const from = repository.refs.get(ready.order.branch);
        if (from === undefined) throw moved(ready.order.branch);
        const files = filesOf(ready);
        const parents = resolves ? [from, resolves.theirs] : [from];
        const isMarked = (path: string): boolean => files.get(path)?.includes(MARKER) === true;
        const gaveUp = resolves !== undefined && tree.merging !== resolves.theirs;
        const unresolved = resolves?.files.filter(path => gaveUp || isMarked(path)) ?? [];
        const text = `${ready.order.session} ${attempts}`;
        const isDone = parents.length === 1 && isSame(files, repository.at(from).files);
        const commit = isDone ? from : repository.commit({ files, parents, text, time });
        return { order: { commit, from }, unresolved, warnings: [] };
      }),
    takeResult: (site, ready, { commit, from }) =>
      step(site, 'takeResult', () => {
        move(repositoryOf(site), ready.order.branch, from, commit);
        treeOf(ready.order).merging = undefined;
      }),
    shared: site =>
      step(site, 'shared', () => {
        const refs = [...repositoryOf(site).refs].filter(([ref]) => !ref.includes('session-groups/'));
        return { files: {}, branches: Object.fromEntries(refs) };
      }),
    changes: (site, { from, to, without = [] }) =>
      step(site, 'changes', () => {
        const repository = repositoryOf(site);
        const [before, after] = [repository.at(from).files, repository.at(to).files];
        const paths = differing(before, after).filter(path => !without.includes(path));
        return paths.map(path => changeOf(path, before, after));
      }),
    diff: (site, { from, to, without = [] }) =>
      step(site, 'diff', () => {
        const repository = repositoryOf(site);
        const paths = differing(repository.at(from).files, repository.at(to).files);
        const shown = paths.filter(path => !without.includes(path));
        return { text: shown.map(path => `diff --git a/${path} b/${path}\n`).join(''), cut: false };
      }),
    planMerge: (site, { order }, { result, theirs, time }) =>
      step(site, 'planMerge', () => {
        const repository = repositoryOf(site);
        const onto = repository.refs.get(mergedBranch(order.group)) ?? null;
        const other = theirs ?? onto;
        const joined = other === null ? { commit: result } : join(repository, result, other, time);
        if (joined.commit === undefined) return { kind: 'conflict' as const, conflict: joined.conflict };
        const { commit } = joined;
        const differs = !isSame(repository.at(commit).files, repository.at(result).files);
        return { kind: 'merge' as const, order: { result, onto, commit }, differs };
      }),
    takeMerge: (site, ready, { result, commit }) =>
      step(site, 'takeMerge', () => {
        const repository = repositoryOf(site);
        const tree = treeOf(ready.order);
        const target = repository.at(commit).files;
        const changed = differing(filesOf(ready), repository.at(result).files);
        const files = changed.filter(path => tree.files.get(path) !== target.get(path));
        if (files.length > 0)
          throw new WorkspaceError('workspace_moved', 'files would be overwritten', { files });
        put(tree, target, ready.included);
        move(repository, ready.order.branch, result, commit);
      }),
    putConflict: (site, ready, { ours, theirs }) =>
      step(site, 'putConflict', () => {
        const tree = treeOf(ready.order);
        put(tree, repositoryOf(site).merge(ours, theirs).files, ready.included);
        tree.merging = theirs;
      }),
    advance: (site, group, { onto, commit }) =>
      step(site, 'advance', () => move(repositoryOf(site), mergedBranch(group), onto, commit)),
    planDelivery: (site, wish) => step(site, 'planDelivery', () => planDelivery(repositoryOf(site), wish)),
    planUndo: (site, delivered) => step(site, 'planUndo', () => planUndo(repositoryOf(site), delivered)),
    deliver: (site, order) => step(site, 'deliver', () => deliver(repositoryOf(site), order)),
    tips: (site, { group, session }) =>
      step(site, 'tips', () => {
        const at = (ref: string) => repositoryOf(site).refs.get(ref) ?? null;
        return {
          branch: at(branchOf(group, session)),
          checkpoint: at(checkpointRef(group, session)),
          merged: at(mergedBranch(group)),
        };
      }),
    standing: (site, ready, how = {}) =>
      step(site, 'standing', () => {
        const files = ground.trees.has(ready.order.folder) ? filesOf(ready) : undefined;
        return standing(repositoryOf(site), ready, { ...how, files });
      }),
    archive: (site, ready, time) =>
      step(site, 'archive', () => {
        const { group, session, folder, branch } = ready.order;
        const repository = repositoryOf(site);
        const last = repository.refs.get(checkpointRef(group, session)) ?? repository.refs.get(branch);
        const commit = ground.trees.has(folder) ? save(site, ready, time) : (last ?? ready.commit);
        repository.refs.set(archiveRef(group, session, time, commit), commit);
        return commit;
      }),
    planRelease: (site, { order }) =>
      step(site, 'planRelease', () => ({
        folder: order.folder,
        tip: repositoryOf(site).refs.get(order.branch) ?? null,
      })),
    release: (site, { order }) => step(site, 'release', () => void ground.trees.delete(order.folder)),
    emptyTrash: async () => {},
    removeRefs: (site, group) =>
      step(site, 'removeRefs', () => {
        const { refs } = repositoryOf(site);
        for (const ref of [...refs.keys()])
          if (refsOf(group).some(prefix => ref.startsWith(prefix))) refs.delete(ref);
      }),
    recover: site => step(site, 'recover', () => {}),
  };
}
