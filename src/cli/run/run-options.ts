import { z } from 'zod';
import { RedisOption } from '../fleet/redis-option.ts';

/** The options of every command that runs a group in the foreground. */
export const ForegroundOptions = z.object({
  json: z.boolean().default(false),
  plain: z.boolean().default(false),
  attended: z.boolean().default(false),
  inspect: z.union([z.literal(true), z.number()]).optional(),
  web: z.union([z.literal(true), z.number()]).optional(),
});
export type ForegroundOptions = z.output<typeof ForegroundOptions>;

/** The options of every command that takes over a saved group and runs it in the foreground. */
export const TakenOptions = ForegroundOptions.extend(RedisOption.shape).extend({
  takeOver: z.boolean().default(false),
});
