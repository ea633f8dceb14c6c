import { Hono } from 'hono';
import { isToken } from '../../sdk/loopback.ts';
import type { ApiWorld } from '../api/world.ts';
import type { StreamWorld } from '../live/event-stream.ts';
import { errorAnswer, HttpError } from './api-error.ts';
import { apiRoutes } from './api-routes.ts';
import { SECURITY_HEADERS } from './headers.ts';
import type { ServerLimits } from './limits.ts';
import { notFound, pageRoutes } from './page-routes.ts';
import { streamRoute } from './stream-route.ts';

/** Versioned, so that another version can be served alongside. */
const API = '/api/v1';

export interface AppOptions {
  readonly world: ApiWorld & StreamWorld;
  readonly token: string;
  readonly limits: ServerLimits;
  readonly pageFolder: string;
}

/** The whole application: the page for everyone on this machine, the API for clients with the token. */
export function app({ world, token, limits, pageFolder }: AppOptions): Hono {
  const app = new Hono();
  app.use('*', async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
  });
  app.use('/api/*', async (c, next) => {
    const given = /^Bearer +([^\s]+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (!isToken(given, token)) {
      throw new HttpError(401, 'unauthorized', 'the API requires a token: Authorization: Bearer TOKEN');
    }
    await next();
  });
  app.get(`${API}/groups/:id/events`, streamRoute(world, limits.maxStreams));
  app.route(API, apiRoutes(world, limits));
  app.route('/', pageRoutes(pageFolder));
  app.notFound(c => {
    throw notFound(c);
  });
  app.onError(error => {
    const { status, body } = errorAnswer(error);
    const headers = {
      ...SECURITY_HEADERS,
      'content-type': 'application/json',
      ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      // The rest of a too large body is not read.
      ...(status === 413 ? { connection: 'close' } : {}),
    };
    return new Response(JSON.stringify(body), { status, headers });
  });
  return app;
}
