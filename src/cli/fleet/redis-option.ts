import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { RedisAddress } from '../../fleet/redis/redis-address.ts';
import { textOfThrown } from '../../sdk/errors.ts';
import { asUsage, UsageError } from '../exit-codes.ts';
import type { CliIo } from '../io.ts';
import { readUserConfig } from '../plugins/user-config.ts';

/** How a command is told which Redis it uses. */
export const RedisOption = z.object({ redis: z.string().optional(), redisFile: z.string().optional() });
export type RedisOption = z.output<typeof RedisOption>;

/**
 * `--redis`, or the first line of `--redis-file`, or `SESSION_GROUPS_REDIS`, or `fleet` of the user's config.yaml, in this
 * order.
 * @param wanted what needs one. Default: the command itself.
 * @throws UsageError Without any of them, and for a password in an argument, which every user of the machine can read.
 */
export async function chosenRedis(
  given: RedisOption,
  { env, cwd }: Pick<CliIo, 'env' | 'cwd'>,
  wanted = '',
): Promise<RedisAddress> {
  const asked = await named(given, { redis: '--redis', file: '--redis-file' }, cwd);
  if (asked) return asked;
  if (env.SESSION_GROUPS_REDIS) return read(env.SESSION_GROUPS_REDIS);
  const { fleet, file = '' } = (await readUserConfig(env)) ?? {};
  const words = { redis: `fleet.redis of ${file}`, file: `fleet.redisFile of ${file}` };
  const saved = fleet && (await named(fleet, words, dirname(file)));
  if (saved) return saved;
  throw new UsageError(`${wanted && `${wanted}, and `}no Redis is named`, NAME_IT);
}

const NAME_IT =
  'Set SESSION_GROUPS_REDIS to redis://HOST:PORT, or fleet.redis in your config.yaml, or use --redis where the command has it.';

/** @param words what each is called. */
async function named(
  { redis, redisFile }: RedisOption,
  words: { readonly redis: string; readonly file: string },
  folder: string,
): Promise<RedisAddress | undefined> {
  if (redis !== undefined && redisFile !== undefined)
    throw new UsageError(`${words.redis} and ${words.file} are two addresses`, 'Leave one of them out.');
  if (redisFile !== undefined) return read(await firstLine(resolve(folder, redisFile), words.file));
  if (redis === undefined) return undefined;
  const address = await read(redis);
  if (address.password === undefined) return address;
  throw new UsageError(`${words.redis} has a password: others on this machine may read it there`, ELSEWHERE);
}

const ELSEWHERE =
  'Put the address into a file that only you can read, and name that with --redis-file; or set SESSION_GROUPS_REDIS.';

/** Nothing of a fleet is loaded until an address is read. */
async function read(text: string): Promise<RedisAddress> {
  const { redisAddress } = await import('../../fleet/redis/redis-address.ts');
  try {
    return redisAddress(text);
  } catch (error) {
    return asUsage(error);
  }
}

async function firstLine(file: string, word: string): Promise<string> {
  try {
    const [line = ''] = (await readFile(file, 'utf8')).split('\n');
    return line;
  } catch (error) {
    throw new UsageError(`${word} cannot be read: ${textOfThrown(error)}`);
  }
}
