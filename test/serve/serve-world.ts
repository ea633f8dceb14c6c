import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/sdk/clock.ts';
import type { GroupManagerOptions } from '../../src/sdk/group/api/options.ts';
import { GroupManager } from '../../src/sdk/group/manager.ts';
import type { SessionGroupInput } from '../../src/sdk/group/types.ts';
import { createScriptedAgent } from '../../src/sdk/session/scripted/scripted.ts';
import { createGroupServer, type GroupServer, type GroupServerOptions } from '../../src/serve/index.ts';
import { createFileStore } from '../../src/store/file-store.ts';
import { builtPage } from '../support/built-page.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what the test expects says what it is
  readonly json: any;
}

export interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** A server with a data folder of its own, and a client. */
export interface ServeWorld {
  readonly folder: string;
  readonly dataDir: string;
  readonly server: GroupServer;
  readonly manager: GroupManager;
  /** Calls the API with the token. */
  api(path: string, asked?: Asked): Promise<Answer>;
  /** POST with a body. */
  post(path: string, body?: unknown): Promise<Answer>;
  /** Requests any path, with exactly these headers. */
  ask(path: string, asked?: Asked): Promise<Answer>;
  /** Closes the server and starts another one on the same port, with the same token. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function openServeWorld(
  options: Partial<GroupServerOptions> = {},
  managing: Partial<GroupManagerOptions> = {},
): Promise<ServeWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'session-groups-serve-'));
  for (const name of ['a', 'b', 'c']) await mkdir(join(folder, name, '.git'), { recursive: true });
  const dataDir = join(folder, 'data');
  const store = createFileStore({ dataDir });
  // Shared by all servers of this world, so that a conversation continues where it was interrupted.
  const agents = { scripted: createScriptedAgent(systemClock) };
  const start = async (port?: number, token?: string) => {
    const manager = new GroupManager({ store, agents, attended: true, ...managing });
    const fixed = { ...(port === undefined ? {} : { port }), ...(token === undefined ? {} : { token }) };
    const server = await createGroupServer({
      store,
      manager,
      pageFolder: builtPage(),
      ...options,
      ...fixed,
    });
    return { manager, server };
  };
  let running = await start();
  const ask = (path: string, asked: Asked = {}) => send(running.server.port, path, asked);
  const api = (path: string, { headers, ...asked }: Asked = {}) =>
    ask(`/api/v1${path}`, {
      ...asked,
      headers: {
        authorization: `Bearer ${running.server.token}`,
        ...(asked.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
    });
  const stop = async () => {
    await running.manager.dispose();
    await running.server.close();
  };
  return {
    folder,
    dataDir,
    get server() {
      return running.server;
    },
    get manager() {
      return running.manager;
    },
    api,
    post: (path, body = {}) => api(path, { method: 'POST', body }),
    ask,
    async restart() {
      const { port, token } = running.server;
      await stop();
      running = await start(port, token);
    },
    async close() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Sends one request with exactly the given headers, including `host`. */
export function send(port: number, path: string, { method = 'GET', body, headers = {} }: Asked = {}) {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise<Answer>((resolve, reject) => {
    const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
    const asked = request(
      { host: '127.0.0.1', port, path, method, headers: given, agent: false },
      response => {
        const chunks: Buffer[] = [];
        response.on('data', chunk => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const said = Buffer.concat(chunks).toString('utf8');
          const { statusCode = 0, headers: got } = response;
          const isJson = got['content-type']?.startsWith('application/json') && said !== '';
          resolve({
            status: statusCode,
            headers: got,
            text: said,
            json: isJson ? JSON.parse(said) : undefined,
          });
        });
      },
    );
    asked.on('error', reject);
    asked.end(text);
  });
}

/** A definition of scripted sessions: dependencies and steps by id. */
export function scripted(
  folder: string,
  sessions: Readonly<
    Record<
      string,
      { readonly after?: readonly string[]; readonly steps: readonly object[]; readonly in?: string }
    >
  >,
  config: object = {},
): SessionGroupInput {
  return {
    version: 1,
    name: 'Demo',
    config: { agent: 'scripted', ...config },
    sessions: Object.entries(sessions).map(([id, { after = [], steps, in: project = 'a' }]) => ({
      id,
      projectPath: join(folder, project),
      prompt: 'Work',
      dependsOn: [...after],
      agent: { kind: 'scripted', steps: [...steps] },
    })),
  } as SessionGroupInput;
}
