import { join } from 'node:path';
import type { TreeHost } from '../attempt/tree-work.ts';
import { childEnvironment } from '../config/environment.ts';
import type { GroupEngine } from './group-engine.ts';

/** The group, as seen by the steps of its sessions' trees. */
export function treeHost(engine: GroupEngine): TreeHost {
  const { groupId, clock } = engine;
  return {
    ...{ groupId, clock },
    get workspaces() {
      return engine.workspaces;
    },
    record: body => engine.recorder.record(body),
    internal: record => engine.recorder.internal(record),
    order: record => engine.recorder.order(record),
    tell: (id, event) => engine.sendTo(id, event),
    environment: id => withoutCredentials(childEnvironment(engine.runOf(id).session, engine.env)),
    logFile: (id, name) => {
      const folder = engine.logDir(id);
      return folder === undefined ? undefined : join(folder, name);
    },
    dependencies: (id, repository) => {
      const { graph } = engine.state;
      const upstream = graph.node(id)?.dependencies ?? [];
      return upstream.flatMap(({ to }) => {
        const { order, result, merge } = engine.findRun(graph.nodes[to]?.id ?? '')?.tree?.tree ?? {};
        const commit = merge?.commit ?? result?.commit;
        return commit !== undefined && order?.repository === repository ? [commit] : [];
      });
    },
  };
}

/** What set-up and checks run is the project's code: it has no use for a model, and may be anybody's. */
const withoutCredentials = (env: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^(ANTHROPIC|CLAUDE)_/.test(name)));
