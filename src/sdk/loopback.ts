import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Server } from 'node:net';
import { SessionGroupsError } from './errors.ts';

/**
 * Keeps a server on 127.0.0.1 private to its user. A page of any site can make the user's browser send requests
 * to a loopback port, and a name of that site may resolve to 127.0.0.1. So a client must know the token, the Host
 * header must be ours, and so must the Origin header, if there is one.
 */
export const LOOPBACK = '127.0.0.1';

/** 256 random bits, URL-safe. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** Compares in constant time. */
export function isToken(given: string | undefined | null, token: string): boolean {
  return timingSafeEqual(digest(given ?? ''), digest(token)) && given !== '';
}

export function isOwnHost(host: string | undefined, port: number): boolean {
  return host === `${LOOPBACK}:${port}` || host === `localhost:${port}`;
}

/** Programs send no Origin; a browser always sends one where it matters. */
export function isOwnOrigin(origin: string | undefined, port: number): boolean {
  return (
    origin === undefined || origin === `http://${LOOPBACK}:${port}` || origin === `http://localhost:${port}`
  );
}

/**
 * Resolves once the server listens.
 * @param port 0: any free one.
 * @throws SessionGroupsError `port_busy`, `cannot_listen`.
 */
export function listenOn(server: Server, port: number, host: string = LOOPBACK): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const busy = cause.code === 'EADDRINUSE';
      const message = busy ? `port ${port} is in use` : `cannot listen on port ${port}: ${cause.message}`;
      const hint = 'Omit the port to use any free one.';
      reject(new SessionGroupsError(busy ? 'port_busy' : 'cannot_listen', message, { cause, hint }));
    });
    server.listen(port, host, resolve);
  });
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
