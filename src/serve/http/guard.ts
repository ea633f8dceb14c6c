import type { IncomingMessage } from 'node:http';
import { isOwnHost, isOwnOrigin } from '../../sdk/loopback.ts';
import { HttpError } from './api-error.ts';

/** `OPTIONS` is not among them: nobody elsewhere is told that they may ask. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'DELETE']);
const LONGEST_URL = 4_096;

/**
 * Judges a request before anything of it is interpreted; undefined when it may go on.
 *
 * GUARD-1 only who means this server by its own name is answered: a foreign name that was made to point here (DNS
 *    rebinding) is refused.
 * GUARD-2 no page of another origin gets anything done: nothing allows CORS, and what says that it comes from elsewhere
 *    is refused, before the token is looked at.
 */
export function guard(request: IncomingMessage, port: number): HttpError | undefined {
  const { method = '', url = '' } = request;
  const { host, origin, 'sec-fetch-site': site } = request.headers;
  if (!METHODS.has(method)) return new HttpError(405, 'method_not_allowed', `${method} is not offered`);
  if (!url.startsWith('/') || url.length > LONGEST_URL) {
    return new HttpError(400, 'bad_url', 'the address of the request is not a path, or too long');
  }
  if (!isOwnHost(host, port)) {
    return new HttpError(421, 'wrong_host', `this server is http://127.0.0.1:${port} and nothing else`);
  }
  if (!isOwnOrigin(origin, port) || site === 'cross-site' || site === 'same-site') {
    return url.startsWith('/api/') || method !== 'GET'
      ? new HttpError(403, 'foreign_origin', 'requests of pages from elsewhere are refused')
      : undefined;
  }
  return undefined;
}
