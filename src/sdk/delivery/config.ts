import { z } from 'zod';
import { Duration } from '../duration.ts';

/** The part of a definition that says where sessions work, what checks them, and where their work goes. */

/** A command: an argument list, or a line for `sh -c`. */
export const Command = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)], {
  error: 'expected a command: a text for the shell, or a list of arguments',
});
export type Command = z.output<typeof Command>;

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

const workspaceFields = {
  mode: z.enum(['shared', 'worktree', 'checkout']),
  base: z.string().min(1),
  include: z.array(z.string().min(1)),
  setup: z.array(Command),
  setupTimeout: Duration,
  ports: z.array(z.string().regex(VARIABLE, 'expected the name of an environment variable')),
  keep: z.enum(['until_merged', 'always']),
};
/** Where a session works. */
export const WorkspaceConfig = z.strictObject({
  mode: workspaceFields.mode.default('shared'),
  base: workspaceFields.base.default('HEAD'),
  include: workspaceFields.include.default([]),
  setup: workspaceFields.setup.default([]),
  setupTimeout: workspaceFields.setupTimeout.prefault('15m'),
  ports: workspaceFields.ports.default([]),
  keep: workspaceFields.keep.default('until_merged'),
});
export type WorkspaceConfig = z.output<typeof WorkspaceConfig>;

const verifyFields = {
  commands: z.array(Command).min(1, 'expected at least one command'),
  attempts: z.number().int().min(1),
  timeout: Duration,
};
/** What decides whether a session is done, beyond the agent's word. */
export const VerifyConfig = z.strictObject({
  commands: verifyFields.commands,
  attempts: verifyFields.attempts.default(3),
  timeout: verifyFields.timeout.prefault('15m'),
});
export type VerifyConfig = z.output<typeof VerifyConfig>;

const integrateFields = {
  mode: z.enum(['none', 'branch', 'merge', 'pr']),
  verify: z.boolean(),
  onConflict: z.enum(['pause', 'resolve']),
};
/** Where the work of the sessions goes. */
export const IntegrateConfig = z.strictObject({
  mode: integrateFields.mode.optional(),
  verify: integrateFields.verify.default(true),
  onConflict: integrateFields.onConflict.default('pause'),
  into: z.string().min(1).optional(),
  scope: z.enum(['all', 'each']).default('all'),
  pr: Command.optional(),
});
export type IntegrateConfig = z.output<typeof IntegrateConfig>;

/** The same of one session; what it leaves out is the group's. */
export const SessionWorkspace = z.strictObject(partial(workspaceFields));
export const SessionVerify = z.strictObject(partial(verifyFields));
export const SessionIntegrate = z.strictObject(partial(integrateFields));

/** A repository that is cloned for the session, in place of `projectPath`. */
export const GitProject = z.strictObject({
  git: z.string().min(1),
  ref: z.string().min(1).optional(),
  subdir: z.string().min(1).optional(),
});
export type GitProject = z.output<typeof GitProject>;

/** All fields made optional, compatible with `exactOptionalPropertyTypes`. */
function partial<T extends Record<string, z.ZodType>>(fields: T): { [K in keyof T]: z.ZodOptional<T[K]> } {
  const entries = Object.entries(fields).map(([key, schema]) => [key, schema.optional()]);
  return Object.fromEntries(entries) as { [K in keyof T]: z.ZodOptional<T[K]> };
}
