import { z } from 'zod';

export const Tokens = z.object({
  input: z.number(),
  output: z.number(),
  cacheRead: z.number(),
  cacheWrite: z.number(),
});
export type Tokens = z.infer<typeof Tokens>;

export const NO_TOKENS: Tokens = Object.freeze({ input: 0, output: 0, cacheRead: 0, cacheWrite: 0 });

export const PermissionDenial = z.object({ tool: z.string(), toolUseId: z.string().optional() });
export type PermissionDenial = z.infer<typeof PermissionDenial>;
