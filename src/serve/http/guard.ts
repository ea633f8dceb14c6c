import type { IncomingMessage } from 'node:http';
import { isOwnHost, isOwnOrigin } from '../../sdk/loopback.ts';
import { HttpError } from './api-error.ts';

/** No `OPTIONS`: CORS preflights fail. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'DELETE']);
const LONGEST_URL = 4_096;

/**
 * Checks a request before anything else interprets it; undefined: it may proceed.
 *
 * GUARD-1 the request must address this server by its own name: a foreign name that resolves to it (DNS rebinding) is
 *    refused.
 * GUARD-2 pages of other origins cannot do anything: no response allows CORS, and a cross-origin request is refused
 *    before its token is checked.
 */
export function guard(request: IncomingMessage, port: number): HttpError | undefined {
  const { method = '', url = '' } = request;
  const { host, origin, 'sec-fetch-site': site } = request.headers;
  if (!METHODS.has(method)) return new HttpError(405, 'method_not_allowed', `${method} is not supported`);
  if (!url.startsWith('/') || url.length > LONGEST_URL) {
    return new HttpError(400, 'bad_url', 'the request target is not a path or is too long');
  }
  if (!isOwnHost(host, port)) {
    return new HttpError(421, 'wrong_host', `this server only answers to http://127.0.0.1:${port}`);
  }
  if (!isOwnOrigin(origin, port) || site === 'cross-site' || site === 'same-site') {
    return url.startsWith('/api/') || method !== 'GET'
      ? new HttpError(403, 'foreign_origin', 'cross-origin requests are refused')
      : undefined;
  }
  return undefined;
}
