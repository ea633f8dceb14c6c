import { isToken } from '../../sdk/loopback.ts';

/** Whether an `Authorization` header has the token. */
export function hasToken(header: string | undefined, token: string): boolean {
  return isToken(/^Bearer +([^\s]+)$/i.exec(header ?? '')?.[1], token);
}
