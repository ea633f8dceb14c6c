import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** What Redis does in one step. Each has its keys in one slot. */
export interface RedisScript {
  /** @param given its keys, then its arguments */
  run(redis: Redis, ...given: readonly (string | number)[]): Promise<unknown>;
}

/** Redis is sent its text once, and from then on its digest. */
function script(keys: number, text: string): RedisScript {
  const digest = createHash('sha1').update(text).digest('hex');
  return {
    async run(redis, ...given) {
      try {
        return await redis.evalsha(digest, keys, ...given);
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
        return redis.eval(text, keys, ...given);
      }
    },
  };
}

/**
 * Appends reports, by the first three rules of a channel.
 * KEYS: reports, fences, heard, whether the group has ended. ARGV: session, epoch, number of the first report, bound,
 * milliseconds that all of it is kept after the last report, texts…
 */
export const REPORT = script(
  4,
  `
local fence = tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or '0')
local epoch, first = tonumber(ARGV[2]), tonumber(ARGV[3])
if epoch < fence or redis.call('EXISTS', KEYS[4]) == 1 then return 'fenced' end
local writer = ARGV[1] .. ':' .. ARGV[2]
local last = tonumber(redis.call('HGET', KEYS[3], writer) or '0')
local count = #ARGV - 5
if first > last + 1 then return last end
local from = last - first + 1
if from >= count then return 'kept' end
if redis.call('XLEN', KEYS[1]) + count - from > tonumber(ARGV[4]) then return 'full' end
if epoch > fence then redis.call('HSET', KEYS[2], ARGV[1], ARGV[2]) end
for i = from + 1, count do
  redis.call('XADD', KEYS[1], '*', 's', ARGV[1], 'e', ARGV[2], 'n', string.format('%d', first + i - 1), 't', ARGV[5 + i])
end
redis.call('HSET', KEYS[3], writer, string.format('%d', first + count - 1))
if redis.call('PTTL', KEYS[3]) < ARGV[5] / 2 then
  for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ARGV[5]) end
end
return 'kept'
`,
);

/**
 * An epoch never falls. KEYS: reports, fences, heard. ARGV: session, epoch, milliseconds that all of it is kept after the last
 * report.
 */
export const FENCE = script(
  3,
  `
local fence = tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or '0')
if tonumber(ARGV[2]) > fence then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
  if fence > 0 then redis.call('HDEL', KEYS[3], ARGV[1] .. ':' .. string.format('%d', fence)) end
end
if redis.call('PTTL', KEYS[2]) < ARGV[3] / 2 then
  for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ARGV[3]) end
end
`,
);

/** Who serves a pool, by Redis's own clock. KEYS: workers. ARGV: worker, milliseconds that its word is good for. */
export const SERVING = script(
  1,
  `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[2]))
return 1
`,
);

/** KEYS: workers. How many serve a pool now. */
export const SERVED_BY = script(
  1,
  `
local t = redis.call('TIME')
return redis.call('ZCOUNT', KEYS[1], t[1] * 1000 + math.floor(t[2] / 1000), '+inf')
`,
);
