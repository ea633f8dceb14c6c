import { type Context, Hono } from 'hono';
import { SessionGroupsError } from '../../sdk/errors.ts';
import { builtFolder, EXTERNAL_HINT } from '../../sdk/process/own-files.ts';
import { HttpError } from './api-error.ts';
import { staticFiles } from './static-files.ts';

/** `/` is the page, `/assets/…` its files. */
export function pageRoutes(folder: string): Hono {
  const files = staticFiles(folder);
  const serve = (c: Context, name: string): Response => {
    const file = files.get(name);
    if (!file) throw notFound(c);
    const headers = { 'content-type': file.type, etag: file.etag, 'cache-control': 'no-cache' };
    if (c.req.header('if-none-match') === file.etag) return new Response(null, { status: 304, headers });
    return new Response(file.bytes, { headers });
  };
  const app = new Hono();
  app.get('/', c => serve(c, 'index.html'));
  app.get('/assets/*', c => serve(c, c.req.path.slice('/assets/'.length)));
  return app;
}

export const notFound = (c: Context): HttpError =>
  new HttpError(404, 'not_found', `not found: ${c.req.path.slice(0, 200)}`);

/**
 * The folder of the built page.
 * @throws SessionGroupsError `package_incomplete`.
 */
export function pageFolder(): string {
  const found = builtFolder('src/serve/page');
  if (found !== undefined) return found;
  const hint = `${EXTERNAL_HINT} Or copy the page, which is in dist/src/serve/page of the package, and name the copy as \`pageFolder\`.`;
  throw new SessionGroupsError('package_incomplete', 'the page is not beside the server', { hint });
}
