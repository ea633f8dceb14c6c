import { join } from 'node:path';
import { asVariables } from '../../../delivery/ports.ts';
import { commandEnvironment } from '../../config/environment.ts';
import { secretsOf } from '../../config/secrets.ts';
import type { TreeGround } from '../../tree/tree-host.ts';
import type { GroupEngine } from '../group-engine.ts';

/** The trees are on this machine. */
export const treesHere = (engine: GroupEngine): TreeGround => ({
  here: true,
  get workspaces() {
    return engine.workspaces;
  },
  runCommands(id, { ready: _, log, attempt, ...run }) {
    const { session, tree } = engine.runOf(id);
    const folder = engine.logDir(id);
    const env = { ...commandEnvironment(session, engine.env), ...asVariables(tree?.ports) };
    return engine.commands(
      {
        ...{ ...run, env, secrets: secretsOf(env, Object.keys(session.env)) },
        of: { groupId: engine.groupId, sessionId: id, attempt },
        ...(folder === undefined ? {} : { logFile: join(folder, log) }),
      },
      engine.clock,
    );
  },
  placeOf: () => undefined,
  isBare: () => false,
  isSetUp() {},
  waitOf: () => undefined,
  take: async () => {},
});
