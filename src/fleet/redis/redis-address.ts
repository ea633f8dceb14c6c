import type { ConnectionOptions } from 'node:tls';
import { expectArgument, isObject } from '../../sdk/argument.ts';
import { SessionGroupsError } from '../../sdk/errors.ts';

/** How a Redis, or a Valkey, is reached. */
export interface RedisAddress {
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** Default: 6379. */
  readonly port?: number;
  /** A socket of this machine, in place of host and port. */
  readonly path?: string;
  readonly username?: string;
  readonly password?: string;
  /** Default: 0. */
  readonly db?: number;
  /** Present: the connection is encrypted. */
  readonly tls?: ConnectionOptions;
}

/**
 * Reads `redis://[USER[:PASSWORD]@]HOST[:PORT][/DB]`, the same with `rediss` (TLS), or `unix:PATH`.
 * @throws SessionGroupsError `invalid_argument`, which does not repeat the text: it may have a password.
 */
export function redisAddress(text: string): RedisAddress {
  if (!URL.canParse(text.trim())) throw notOne();
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text.trim());
  if (search !== '' || hash !== '') throw notOne(); // perhaps a password, which would be left out without a word
  if (protocol === 'unix:') return { path: decodeURIComponent(pathname) };
  const [, db] = /^\/?(\d*)$/.exec(pathname) ?? [];
  if (!/^rediss?:$/.test(protocol) || hostname === '' || db === undefined) throw notOne();
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    ...(port === '' ? {} : { port: Number(port) }),
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(db === '' ? {} : { db: Number(db) }),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

/** Of the option `redis`. @throws SessionGroupsError `invalid_argument`. */
export function addressOf(given: RedisAddress | string): RedisAddress {
  expectArgument(typeof given === 'string' || isObject(given), 'options.redis', 'an address');
  return typeof given === 'string' ? redisAddress(given) : given;
}

/** Without the password. */
export const shownAddress = ({ host = '127.0.0.1', port = 6_379, path }: RedisAddress): string =>
  path ?? `${host.includes(':') ? `[${host}]` : host}:${port}`;

const notOne = () =>
  new SessionGroupsError('invalid_argument', 'the address of Redis is not one', {
    hint: 'Write it as redis://HOST:PORT, rediss://HOST:PORT for TLS, or unix:/run/redis.sock.',
  });
