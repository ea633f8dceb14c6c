import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits, in characters that a URL takes as they are. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** Compares in a time that tells nothing of the token, nor of its length. */
export function tokenCheck(token: string): (header: string | undefined) => boolean {
  const expected = digest(token);
  return header => {
    const given = /^Bearer +([^\s]+)$/i.exec(header ?? '')?.[1];
    return timingSafeEqual(digest(given ?? ''), expected) && given !== undefined;
  };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
