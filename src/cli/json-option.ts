import { z } from 'zod';

/** What commands whose only option is `--json` parse. */
export const JsonOption = z.object({ json: z.boolean().default(false) });
