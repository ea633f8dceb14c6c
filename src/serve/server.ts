import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { expectArgument, hasMethods, isObject, isPort } from '../sdk/argument.ts';
import { type Clock, systemClock } from '../sdk/clock.ts';
import { isCode } from '../sdk/disk/disk-files.ts';
import { SessionGroupsError } from '../sdk/errors.ts';
import { given } from '../sdk/given.ts';
import { checkStoredOptions } from '../sdk/group/api/check-options.ts';
import type { GroupManagerOptions } from '../sdk/group/api/options.ts';
import { GroupManager } from '../sdk/group/manager.ts';
import type { GroupStore } from '../sdk/group/store/store.ts';
import { newToken } from '../sdk/loopback.ts';
import { chartPicture } from './graph/chart-picture.ts';
import { graphPictures } from './graph/graph-picture.ts';
import { layouts } from './graph/lay-out.ts';
import { errorAnswer } from './http/api-error.ts';
import { app } from './http/app.ts';
import { guard } from './http/guard.ts';
import { SECURITY_HEADERS } from './http/headers.ts';
import { DEFAULT_LIMITS, type ServerLimits } from './http/limits.ts';
import { pageFolder } from './http/page-routes.ts';
import { groupAccess } from './live/access.ts';
import { Residents } from './live/residents.ts';
import { Watches } from './live/watches.ts';

/** Which groups are served, and how. */
export interface GroupServerOptions {
  /** The groups to serve, whichever process runs them. */
  readonly store: GroupStore;
  /**
   * Runs the groups that are started through the server; must use the same store. Default: a manager of the server's
   * own, which `close` disposes of.
   */
  readonly manager?: GroupManager;
  /** The server's own manager resolves references such as `${TOKEN}` in it; children inherit it. Default: process.env. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The server's own manager runs sessions with these as well, by kind. Default: the built-in agents only. */
  readonly agents?: GroupManager['agents'];
  /** The server's own manager makes the executors of saved groups with it. Default: their sessions run on this machine. */
  readonly executors?: GroupManagerOptions['executors'];
  /** Default: a free port. */
  readonly port?: number;
  /** Default: a new token of 256 bits. */
  readonly token?: string;
  /** Default: the system clock. */
  readonly clock?: Clock;
  readonly limits?: Partial<ServerLimits>;
  /** The folder of the built page. Default: the page that comes with this package. */
  readonly pageFolder?: string;
}

/** A running server; see `createGroupServer`. */
export interface GroupServer {
  /** The page's URL without the token. */
  readonly url: string;
  /** The page's URL with the token, to open in a browser; with a group id it shows that group. */
  pageUrl(groupId?: string): string;
  readonly port: number;
  readonly token: string;
  /** Runs the groups that are started through the server. */
  readonly manager: GroupManager;
  /** Ids of the groups that were started through the server and are still live. */
  readonly running: readonly string[];
  /** Sends viewers a last update, closes connections and pauses the groups of its own manager. Safe to call twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** How long viewers have to read the last update. */
const LAST_UPDATE_MS = 1_000;

/**
 * Serves the page and the HTTP API of saved groups, on 127.0.0.1 only.
 *
 * @throws SessionGroupsError `port_busy`; `invalid_argument`; `package_incomplete` in a bundle without the page.
 * @example
 * const server = await createGroupServer({ store: createFileStore() });
 * console.log(server.pageUrl());
 */
export async function createGroupServer(options: GroupServerOptions): Promise<GroupServer> {
  checkServerOptions(options);
  const { store, clock = systemClock, token = newToken() } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { env = process.env, agents = {}, executors } = options;
  const own = { store, clock, env, agents, attended: true, ...given({ executors }) };
  const manager = options.manager ?? new GroupManager(own);
  const residents = new Residents(manager, clock);
  const access = groupAccess(store, residents, clock);
  const watches = new Watches(access, clock, residents.moved);
  const layOut = layouts(clock);
  const pictures = { pictureOfGraph: graphPictures(layOut), pictureOfChart: () => chartPicture(layOut) };
  const world = { manager, access, residents, watches, clock, env, ...pictures };
  const routes = app({ world, token, limits, pageFolder: options.pageFolder ?? pageFolder() });
  const answer = getRequestListener(routes.fetch, { overrideGlobalObjects: false });

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const refused = guard(request, port);
    if (refused) refuse(response, refused);
    else void answer(request, response);
  };
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs / 2),
      keepAliveTimeout: 5_000,
    },
    onRequest,
  );
  server.maxConnections = limits.maxConnections;
  // No tunnels, no upgrades.
  for (const event of ['connect', 'upgrade']) server.on(event, (_, socket: Socket) => socket.destroy());
  const port = await listen(server, options.port ?? 0);
  server.on('error', () => {}); // a connection that could not be accepted affects nothing else

  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    const stopped = new Promise<void>(resolve => server.close(() => resolve()));
    if (options.manager === undefined) await manager.dispose();
    await watches.finish();
    server.closeIdleConnections();
    const timer = clock.setTimeout(() => server.closeAllConnections(), LAST_UPDATE_MS);
    await stopped;
    clock.clearTimeout(timer);
    await residents.settled();
  };
  const close = (): Promise<void> => {
    closing ??= closeAll();
    return closing;
  };
  const url = `http://127.0.0.1:${port}/`;
  return {
    url,
    port,
    token,
    manager,
    get running() {
      return residents.hosted;
    },
    pageUrl: groupId => `${url}#token=${token}${groupId === undefined ? '' : `&group=${groupId}`}`,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function checkServerOptions(options: GroupServerOptions): void {
  expectArgument(isObject(options), 'options', 'an object');
  const { store, clock, env, agents, executors, port = 0, manager, token } = options;
  checkStoredOptions({ store, ...given({ clock, env, agents, executors }) });
  expectArgument(isPort(port), 'options.port', 'a whole number from 0 to 65535');
  const isManager = manager === undefined || hasMethods(manager, 'open', 'create');
  expectArgument(isManager, 'options.manager', 'a GroupManager of the same store');
  expectArgument(token === undefined || typeof token === 'string', 'options.token', 'a string');
}

function refuse(response: ServerResponse, error: SessionGroupsError): void {
  const { status, body } = errorAnswer(error);
  const allow = status === 405 ? { allow: 'GET, HEAD, POST, DELETE' } : {};
  const type = { 'content-type': 'application/json' };
  response.writeHead(status, { ...SECURITY_HEADERS, ...allow, ...type, connection: 'close' });
  response.end(JSON.stringify(body));
}

async function listen(server: Server, port: number): Promise<number> {
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  } catch (cause) {
    if (!isCode(cause, 'EADDRINUSE')) throw cause;
    const hint = 'Omit the port to use any free one.';
    throw new SessionGroupsError('port_busy', `port ${port} is in use`, { hint, cause });
  }
}
