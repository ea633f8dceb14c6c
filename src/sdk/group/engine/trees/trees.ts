import type { ObjectId } from '../../../workspace/orders.ts';
import type { Conflict, Site } from '../../../workspace/port.ts';
import type { SessionExecutor } from '../../attempt/executor/executor.ts';
import type { TreeHost } from '../../tree/tree-host.ts';
import type { GroupEngine } from '../group-engine.ts';
import { treesElsewhere } from './trees-elsewhere.ts';
import { treesHere } from './trees-here.ts';

/** The group, as seen by the trees of its sessions. */
export function treeHost(engine: GroupEngine, executor: SessionExecutor): TreeHost {
  const { groupId, clock } = engine;
  const { step } = executor;
  const ground = step
    ? treesElsewhere(engine, (order, options) => step.call(executor, order, options))
    : treesHere(engine);
  const recovered = new Map<string, Promise<void>>();
  let pins: Map<string, ObjectId> | undefined;
  const pinOf = (repository: string, base: string): string => `${repository}\n${base}`;
  const journalled = (): Map<string, ObjectId> => {
    const found = new Map<string, ObjectId>();
    for (const [id, { tree }] of engine.progress.fold.sessions) {
      const base = engine.state.sessions.get(id)?.workspace.base;
      if (tree.order && base !== undefined) found.set(pinOf(tree.order.repository, base), tree.order.base);
    }
    return found;
  };
  return {
    ...{ groupId, clock, ground },
    get places() {
      return engine.places;
    },
    record: body => engine.recorder.record(body),
    internal: record => engine.recorder.internal(record),
    order: record => engine.recorder.order(record),
    written: () => engine.recorder.written(),
    tell: (id, event) => engine.sendTo(id, event),
    recovered: (site, repository) => {
      const done = recovered.get(repository) ?? recover(engine, site, repository);
      recovered.set(repository, done);
      done.catch(() => recovered.delete(repository)); // whoever comes next tries again
      return done;
    },
    pinned: (repository, base, found) => {
      pins ??= journalled();
      const pin = pins.get(pinOf(repository, base)) ?? found;
      pins.set(pinOf(repository, base), pin);
      return pin;
    },
    dependencies: (id, repository) => resultsBefore(engine, id, repository),
    authorsOf: (repository, conflict) => authorsOf(engine, repository, conflict),
  };
}

/** What gits of a dead engine have left: its processes have been ended. */
async function recover(engine: GroupEngine, site: Site, repository: string): Promise<void> {
  const orders = [...engine.state.sessions.keys()].flatMap(id => {
    const { order } = engine.findRun(id)?.tree?.tree ?? {};
    return order?.repository === repository ? [order] : [];
  });
  await engine.workspaces.recover(site, orders);
}

/**
 * What completed sessions that this one depends on have made in this repository, nearest first. Each result contains
 * those before it, so that only a session without one there is looked through.
 */
function resultsBefore(engine: GroupEngine, id: string, repository: string): ObjectId[] {
  const { graph } = engine.state;
  const results = new Set<ObjectId>();
  const seen = new Set<number>();
  const queue = [...(graph.node(id)?.dependencies ?? [])];
  for (const { to } of queue) {
    const node = graph.nodes[to];
    if (node === undefined || seen.has(to)) continue;
    seen.add(to);
    const { order, result, merge } = engine.findRun(node.id)?.tree?.tree ?? {};
    const commit = merge?.commit ?? result?.commit;
    const isThere = commit !== undefined && order?.repository === repository;
    if (isThere && engine.progress.statusOf(node.id) === 'completed') results.add(commit);
    else queue.push(...node.dependencies);
  }
  return [...results];
}

function authorsOf(engine: GroupEngine, repository: string, { theirs, files }: Conflict): string[] {
  const wanted = new Set(files);
  const merged: string[] = [];
  for (const id of engine.state.sessions.keys()) {
    const run = engine.findRun(id);
    const { order, result, merge, isIntegrated } = run?.tree?.tree ?? {};
    if (order?.repository !== repository) continue;
    if (theirs === result?.commit || (theirs === merge?.commit && !isIntegrated)) return [id];
    if (isIntegrated && run?.left?.changedFiles?.some(file => wanted.has(file))) merged.push(id);
  }
  return merged;
}
