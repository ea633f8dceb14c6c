import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WorkerStanding } from '../../../fleet/redis/redis-worker.ts';
import { isOwnHost, LOOPBACK, listenOn } from '../../../sdk/loopback.ts';
import { metricsText } from './metrics.ts';

export interface MetricsServer {
  readonly port: number;
  close(): void;
}

interface Options {
  /** 0: any free one. */
  readonly port: number;
  readonly host: string;
  readonly standing: () => WorkerStanding;
}

/**
 * Answers `GET /healthz` (200 while the process works), `GET /readyz` (503 while it takes no orders) and `GET /metrics`.
 * On loopback, a page of a site whose name leads there is refused.
 * @throws SessionGroupsError `port_busy`, `cannot_listen`.
 */
export async function serveMetrics({ port: wanted, host, standing }: Options): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const isForeign = host === LOOPBACK && !isOwnHost(request.headers.host, port);
    answer(request, response, isForeign ? [421, ''] : answerTo(request, standing()));
  });
  server.maxConnections = 100;
  await listenOn(server, wanted, host);
  server.on('error', () => {}); // a connection that could not be accepted affects nothing else
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

type Answer = readonly [status: number, body: string, type?: string];

function answerTo({ method, url }: IncomingMessage, standing: WorkerStanding): Answer {
  if (method !== 'GET' && method !== 'HEAD') return [405, ''];
  const { isDraining, isConnected, live } = standing;
  const health = { draining: isDraining, redis: isConnected ? 'connected' : 'away', attempts: live };
  if (url === '/healthz') return [200, `${JSON.stringify(health)}\n`, 'application/json'];
  if (url === '/readyz')
    return [isConnected && !isDraining ? 200 : 503, `${JSON.stringify(health)}\n`, 'application/json'];
  if (url === '/metrics') return [200, metricsText(standing), 'text/plain; version=0.0.4; charset=utf-8'];
  return [404, ''];
}

function answer({ method }: IncomingMessage, response: ServerResponse, [status, body, type]: Answer): void {
  response.writeHead(status, { 'cache-control': 'no-store', ...(type && { 'content-type': type }) });
  response.end(method === 'HEAD' ? '' : body);
}
