import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import { SessionGroupsError } from '../sdk/errors.ts';
import { isOwnHost, isOwnOrigin, isToken, LOOPBACK, listenOn, newToken } from '../sdk/loopback.ts';
import { BRIDGE_SCRIPT, BRIDGE_STYLE, bridgePage } from './bridge-page.ts';

export interface RelayOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly pageUrl: string;
  /** The first messages to every new watcher. */
  readonly greeting: () => readonly object[];
}

export interface Relay {
  readonly url: string;
  readonly socketUrl: string;
  readonly port: number;
  /** Whether any watcher is connected. */
  readonly watched: boolean;
  /** Sends to every connected watcher. */
  send(message: object): void;
  close(): Promise<void>;
}

/** A watcher with more unsent data is disconnected; it may reconnect. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;
const MAX_WATCHERS = 16;
const TOO_SLOW = 1013;
/** Close code after which the bridge page does not reconnect. */
const ENDED = 4000;

/** Serves the bridge page and its WebSocket, on loopback and only to clients with the token. */
export async function openRelay({ port: wanted, pageUrl, greeting }: RelayOptions): Promise<Relay> {
  const { WebSocketServer } = await webSockets();
  const token = newToken();
  const server = createServer(limits, (request, response) => serve(request, response, port(), pageUrl));
  server.maxConnections = 4 * MAX_WATCHERS;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024 });
  const port = () => (server.address() as AddressInfo).port;
  await listenOn(server, wanted);

  server.on('upgrade', (request, socket, head) => {
    const refusal = refusalOf(request, port(), token, sockets);
    if (refusal !== undefined) refuse(socket, refusal);
    else sockets.handleUpgrade(request, socket, head, watcher => greet(watcher, greeting()));
  });
  // Watchers only listen; anything they send is ignored.
  const address = `${LOOPBACK}:${port()}`;
  return {
    port: port(),
    url: `http://${address}/#token=${token}`,
    socketUrl: `ws://${address}/?token=${token}`,
    get watched() {
      return sockets.clients.size > 0;
    },
    send(message) {
      const line = JSON.stringify(message);
      for (const watcher of sockets.clients) tell(watcher, line);
    },
    close: () => closed(server, sockets),
  };
}

const limits = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 2_000,
  maxHeaderSize: 8_192,
};

async function webSockets(): Promise<{ WebSocketServer: typeof WebSocketServer }> {
  try {
    return await import('ws');
  } catch (cause) {
    throw new SessionGroupsError('package_missing', 'the inspector needs the package "ws"', {
      cause,
      hint: 'Install it with: npm install ws',
    });
  }
}

/** The HTTP status that refuses an upgrade; undefined to accept it. */
function refusalOf(
  request: IncomingMessage,
  port: number,
  token: string,
  sockets: WebSocketServer,
): string | undefined {
  const { host, origin } = request.headers;
  if (!isOwnHost(host, port) || !isOwnOrigin(origin, port)) return '403 Forbidden';
  const base = `http://${LOOPBACK}`;
  if (!URL.canParse(request.url ?? '/', base)) return '400 Bad Request'; // `//` is a path to HTTP, and no URL
  const url = new URL(request.url ?? '/', base);
  if (url.pathname !== '/') return '404 Not Found';
  if (!isToken(url.searchParams.get('token'), token)) return '401 Unauthorized';
  return sockets.clients.size >= MAX_WATCHERS ? '503 Service Unavailable' : undefined;
}

function refuse(socket: Duplex, status: string): void {
  socket.on('error', () => {}); // the client may have disconnected meanwhile
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function greet(watcher: WebSocket, messages: readonly object[]): void {
  watcher.on('error', () => watcher.terminate());
  watcher.on('message', () => {});
  for (const message of messages) tell(watcher, JSON.stringify(message));
}

function tell(watcher: WebSocket, line: string): void {
  if (watcher.readyState !== watcher.OPEN) return;
  if (watcher.bufferedAmount > MAX_UNSENT_BYTES) {
    watcher.close(TOO_SLOW, 'too slow');
    watcher.terminate(); // it does not read, so a close frame would never arrive
  } else watcher.send(line);
}

function serve(request: IncomingMessage, response: ServerResponse, port: number, pageUrl: string): void {
  const answer = (status: number, type: string, body: string) =>
    response.writeHead(status, { ...headersFor(port, pageUrl), 'Content-Type': type }).end(body);
  const { host, origin } = request.headers;
  if (!isOwnHost(host, port) || !isOwnOrigin(origin, port)) answer(403, 'text/plain', 'Forbidden\n');
  else if (request.method !== 'GET') answer(405, 'text/plain', 'Method not allowed\n');
  else if (request.url === '/') answer(200, 'text/html; charset=utf-8', bridgePage(pageUrl));
  else if (request.url === '/bridge.js') answer(200, 'text/javascript; charset=utf-8', BRIDGE_SCRIPT);
  else if (request.url === '/bridge.css') answer(200, 'text/css; charset=utf-8', BRIDGE_STYLE);
  else answer(404, 'text/plain', 'Not found\n');
}

/** The page may frame the inspector and talk to this relay, and nothing else. */
function headersFor(port: number, pageUrl: string): Record<string, string> {
  const relay = `ws://${LOOPBACK}:${port} ws://localhost:${port}`;
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    'img-src data:',
    `connect-src ${relay}`,
    `frame-src ${new URL(pageUrl).origin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': 'same-origin',
  };
}

async function closed(server: Server, sockets: WebSocketServer): Promise<void> {
  const gone = [...sockets.clients].map(
    watcher =>
      new Promise<void>(resolve => {
        if (watcher.readyState === watcher.CLOSED) resolve();
        watcher.once('close', () => resolve());
      }),
  );
  for (const watcher of sockets.clients) watcher.close(ENDED, 'the run has ended');
  const patience = setTimeout(() => {
    for (const watcher of sockets.clients) watcher.terminate();
  }, 1_000);
  await Promise.all(gone);
  clearTimeout(patience);
  sockets.close();
  await new Promise<void>(resolve => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
