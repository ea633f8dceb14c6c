import { z } from 'zod';

/** Which Redis the user's groups and workers use, where no option and no variable says so. */
export const FleetConfig = z.strictObject({
  /** Its address, without a password. */
  redis: z.string().optional(),
  /** A file with the address, which may have a password; as seen from this one. */
  redisFile: z.string().optional(),
});
