import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type RedisAddress, redisAddress } from '../../../fleet/redis/redis-address.ts';
import { textOfThrown } from '../../../sdk/errors.ts';
import { asUsage, UsageError } from '../../exit-codes.ts';
import type { CliIo } from '../../io.ts';

/** How a command is told which Redis it uses. */
export interface RedisOption {
  readonly redis?: string | undefined;
  readonly redisFile?: string | undefined;
}

/**
 * `--redis`, or the first line of `--redis-file`, or `SESSION_GROUPS_REDIS`, in this order.
 * @throws UsageError Without any of them, and for a password in an argument, which every user of the machine can read.
 */
export async function chosenRedis(given: RedisOption, io: Pick<CliIo, 'env' | 'cwd'>): Promise<RedisAddress> {
  const { redis, redisFile } = given;
  if (redis !== undefined && redisFile !== undefined)
    throw new UsageError('--redis and --redis-file are two addresses', 'Leave one of them out.');
  if (redis !== undefined) {
    const address = read(redis);
    if (address.password === undefined) return address;
    throw new UsageError('--redis has a password: every user of this machine can read arguments', ELSEWHERE);
  }
  if (redisFile !== undefined) return read(await firstLine(resolve(io.cwd, redisFile)));
  const { SESSION_GROUPS_REDIS: named } = io.env;
  if (named) return read(named);
  throw new UsageError('no Redis is named', 'Name it: --redis redis://HOST:PORT, or SESSION_GROUPS_REDIS.');
}

const ELSEWHERE =
  'Put the address into a file that only you can read, and name that with --redis-file; or set SESSION_GROUPS_REDIS.';

function read(text: string): RedisAddress {
  try {
    return redisAddress(text);
  } catch (error) {
    return asUsage(error);
  }
}

async function firstLine(file: string): Promise<string> {
  try {
    const [line = ''] = (await readFile(file, 'utf8')).split('\n');
    return line;
  } catch (error) {
    throw new UsageError(`--redis-file cannot be read: ${textOfThrown(error)}`);
  }
}
