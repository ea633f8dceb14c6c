import { existsSync } from 'node:fs';
import { given } from '../sdk/given.ts';
import type { GroupRunner } from '../sdk/group/runner.ts';
import type { Agents } from '../sdk/session/own/registered.ts';
import type { CliIo } from './io.ts';
import type { CliServices, DrivenGroup } from './services.ts';

/** The real library, loaded on demand so that `--help` and usage errors answer at once. */
export const libraryServices: CliServices = {
  pluginAgents,
  async loadDefinition(file, env, { text, baseDir = '.', ...options } = {}) {
    const { loadDefinition, loadDefinitionText } = await import('../sdk/group/definition/definition.ts');
    const loading = { ...options, agents: await pluginAgents(env) };
    if (text === undefined) return loadDefinition(file, loading);
    return loadDefinitionText({ text, name: '<stdin>', baseDir }, loading);
  },
  async openStore(env) {
    const { createFileStore } = await import('../store/file-store.ts');
    const { dataDir } = await import('../sdk/user-folders.ts');
    return createFileStore({ dataDir: dataDir(env) });
  },
  async createGroup(definition, options) {
    const { createSessionGroup } = await import('../sdk/group/api/create.ts');
    const agents = await pluginAgents(options.env ?? process.env);
    return driven(await createSessionGroup(definition, { ...options, agents }));
  },
  async openGroup(id, { plugins = true, ...options }) {
    const { openSessionGroup } = await import('../sdk/group/api/create.ts');
    const agents = plugins ? await pluginAgents(options.env ?? process.env) : {};
    return driven(await openSessionGroup(id, { ...options, agents }));
  },
  async connect(address) {
    const { connectControl } = await import('../control/wire/client.ts');
    return connectControl(address);
  },
  async viewGroup(stored) {
    const { viewGroup } = await import('../sdk/group/standing/view.ts');
    return viewGroup(stored);
  },
  async archiveGroup(id, store, options) {
    const { GroupManager } = await import('../sdk/group/manager.ts');
    await new GroupManager({ store }).archive(id, options);
  },
  async deleteGroup(id, store, { env, executors, ...options }) {
    const { GroupManager } = await import('../sdk/group/manager.ts');
    await new GroupManager({ store, ...given({ env, executors }) }).delete(id, options);
  },
  async cleanGroup(id, store, { env, ...options }) {
    const { GroupManager } = await import('../sdk/group/manager.ts');
    return new GroupManager({ store, ...given({ env }) }).clean(id, options);
  },
  async undoDelivery(id, store, { env, ...options }) {
    const { GroupManager } = await import('../sdk/group/manager.ts');
    return new GroupManager({ store, ...given({ env }) }).undoDelivery(id, options);
  },
  async delivery() {
    const [view, recheck, requests, sizes] = await Promise.all([
      import('../sdk/group/delivery/delivery-view.ts'),
      import('../sdk/group/delivery/recheck.ts'),
      import('../sdk/group/delivery/pull-requests.ts'),
      import('../sdk/group/delivery/tree-sizes.ts'),
    ]);
    return { ...view, ...recheck, ...requests, ...sizes };
  },
  async openCommand(stored, id, env) {
    const { openCommand } = await import('../sdk/group/delivery/open-command.ts');
    return openCommand(stored, id, env);
  },
  async openSession(groupId, id, options) {
    const { openSession } = await import('../sdk/group/api/open-session.ts');
    return openSession(groupId, id, options);
  },
  async confirm(question) {
    const { createInterface } = await import('node:readline/promises');
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
    } finally {
      lines.close();
    }
  },
  async createInspector(port) {
    const { createInspector } = await import('../inspect/inspector.ts');
    return createInspector({ port });
  },
  async createServer(options) {
    const { createGroupServer } = await import('../serve/server.ts').catch(
      packageMissing('the page', 'hono @hono/node-server @dagrejs/dagre'),
    );
    return createGroupServer({ ...options, agents: await pluginAgents(options.env) });
  },
  async createWorker(options) {
    const { createPoolWorker } = await import('../fleet/redis/redis-worker.ts').catch(
      packageMissing('a worker', 'bullmq ioredis'),
    );
    return createPoolWorker({ ...options, agents: await pluginAgents(options.env ?? process.env) });
  },
  async redisExecutor(options) {
    const missing = packageMissing('what carries out sessions elsewhere', 'bullmq ioredis');
    const { redisExecutor } = await import('../fleet/redis/redis-executor.ts').catch(missing);
    const { expectRedis } = await import('../fleet/redis/connection.ts');
    await expectRedis(options.redis);
    return redisExecutor(options);
  },
  async openInBrowser(path, env) {
    const { spawn } = await import('node:child_process');
    const program = process.platform === 'darwin' ? 'open' : 'xdg-open';
    return new Promise(resolve => {
      const child = spawn(program, [path], { env: { ...env }, stdio: 'ignore', detached: true });
      child.once('error', () => resolve(false));
      child.once('spawn', () => resolve(true));
      child.unref();
    });
  },
  async checkAgent(kind, env, asked) {
    const { checkAgent } = await import('./plugins/check-agent.ts');
    return checkAgent(kind, env, asked);
  },
  async checkLogin(version, env) {
    const { claudeLogin } = await import('../sdk/session/claude-code/login.ts');
    const { systemClock } = await import('../sdk/clock.ts');
    return claudeLogin(version, env, systemClock);
  },
};

/** Loads nothing for those who have no settings of their own. */
async function pluginAgents(env: CliIo['env']): Promise<Agents> {
  const { userConfigFile } = await import('../sdk/user-folders.ts');
  if (!existsSync(userConfigFile(env))) return {};
  const plugins = await import('./plugins/plugin-agents.ts');
  return plugins.pluginAgents(env);
}

/** For what needs optional peer dependencies. */
const packageMissing =
  (what: string, packages: string) =>
  async (cause: unknown): Promise<never> => {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND')) throw cause;
    const { SessionGroupsError } = await import('../sdk/errors.ts');
    throw new SessionGroupsError('package_missing', `${what} needs the packages ${packages}`, {
      hint: `Install them with: npm install ${packages}`,
      cause,
    });
  };

async function driven(handle: GroupRunner): Promise<DrivenGroup> {
  const { serveGroup } = await import('../control/serve-group.ts');
  return Object.assign(handle, serveGroup(handle));
}
