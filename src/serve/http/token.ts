import { isToken } from '../../sdk/loopback.ts';

/** Whether the bearer that an `Authorization` header names has the token. */
export function hasToken(header: string | undefined, token: string): boolean {
  return isToken(/^Bearer +([^\s]+)$/i.exec(header ?? '')?.[1], token);
}
