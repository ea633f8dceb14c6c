import { z } from 'zod';

/** What this machine gives to orders from a fleet: only in the user's own configuration. */
export const WorkerConfig = z.strictObject({
  /** Kinds of agents that orders may name. */
  agents: z.array(z.string().min(1)).min(1).default(['claude']),
  /** Environment variables that orders may refer to and their agents inherit, a login for one. */
  variables: z
    .array(z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable'))
    .default([]),
});
export type WorkerConfig = z.output<typeof WorkerConfig>;
