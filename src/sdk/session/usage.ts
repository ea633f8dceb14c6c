import { z } from 'zod';

/** Tokens that a model has read and written. */
export const Tokens = z.object({
  input: z.number(),
  output: z.number(),
  cacheRead: z.number(),
  cacheWrite: z.number(),
});
export type Tokens = z.infer<typeof Tokens>;

export const NO_TOKENS: Tokens = Object.freeze({ input: 0, output: 0, cacheRead: 0, cacheWrite: 0 });

/** The sum; the same object if nothing is added. */
export function addTokens(a: Tokens, b: Tokens): Tokens {
  if (isNone(b)) return a;
  if (isNone(a)) return b;
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
  };
}

export function subtractTokens(a: Tokens, b: Tokens): Tokens {
  if (isNone(b)) return a;
  return {
    input: a.input - b.input,
    output: a.output - b.output,
    cacheRead: a.cacheRead - b.cacheRead,
    cacheWrite: a.cacheWrite - b.cacheWrite,
  };
}

/** Most sessions of a group have none: they share `NO_TOKENS`. */
export const isNone = ({ input, output, cacheRead, cacheWrite }: Tokens): boolean =>
  input === 0 && output === 0 && cacheRead === 0 && cacheWrite === 0;

/** Who refused a request for a permission: a `deny` rule, a hook, a person; or there was `nobody` to answer it. */
export const RefusedBy = z.enum(['rule', 'hook', 'person', 'nobody']);
export type RefusedBy = z.infer<typeof RefusedBy>;

/** A call that was refused. */
export const PermissionDenial = z.object({
  tool: z.string(),
  toolUseId: z.string().optional(),
  refusedBy: RefusedBy.optional().meta({ description: 'Absent if the agent does not say' }),
  input: z.string().optional().meta({ description: 'What the tool was to do, shortened' }),
});
export type PermissionDenial = z.infer<typeof PermissionDenial>;

/** Nobody is known to have refused it: no rule, no hook, no person. */
export const isUnanswered = ({ refusedBy = 'nobody' }: PermissionDenial): boolean => refusedBy === 'nobody';
