import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * What keeps a server on 127.0.0.1 to its own user. A page of any site can make the user's browser send requests
 * to a loopback port, and a name of that site may resolve to 127.0.0.1: so who asks must know the token, the Host
 * must be ours, and an Origin, where there is one, as well.
 */
export const LOOPBACK = '127.0.0.1';

/** 256 random bits, in words that a URL takes as they are. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** In a time that tells nothing of where they differ. */
export function isToken(given: string | undefined | null, token: string): boolean {
  return timingSafeEqual(digest(given ?? ''), digest(token)) && given !== '';
}

export function isOwnHost(host: string | undefined, port: number): boolean {
  return host === `${LOOPBACK}:${port}` || host === `localhost:${port}`;
}

/** Programs send no Origin; a browser always does where it matters. */
export function isOwnOrigin(origin: string | undefined, port: number): boolean {
  return (
    origin === undefined || origin === `http://${LOOPBACK}:${port}` || origin === `http://localhost:${port}`
  );
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
