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
  mode: workspaceFields.mode.default('shared').meta({
    description: "shared: the project's own folder; worktree: a git worktree; checkout: a clone",
  }),
  base: workspaceFields.base
    .default('HEAD')
    .meta({ description: 'The ref to start from, pinned per repository when it is first used' }),
  include: workspaceFields.include
    .default([])
    .meta({ description: 'Ignored files to bring along, as patterns of .gitignore; they are never saved' }),
  setup: workspaceFields.setup.default([]).meta({
    description: "Commands that prepare the workspace. They run outside the agent's permissions",
  }),
  setupTimeout: workspaceFields.setupTimeout.prefault('15m'),
  ports: workspaceFields.ports.default([]).meta({
    description: 'Variables that get a free port each, in the environment of agent, set-up and checks',
  }),
  keep: workspaceFields.keep
    .default('until_merged')
    .meta({ description: 'How long the workspace stays once its session has ended' }),
});
export type WorkspaceConfig = z.output<typeof WorkspaceConfig>;

const verifyFields = {
  commands: z.array(Command).min(1, 'expected at least one command'),
  attempts: z.number().int().min(1),
  timeout: Duration,
};
/** What decides whether a session is done, beyond the agent's word. */
export const VerifyConfig = z.strictObject({
  commands: verifyFields.commands.meta({
    description: "Run in order; all have to succeed. They run outside the agent's permissions",
  }),
  attempts: verifyFields.attempts.default(3).meta({
    description: 'How often they may fail before the session does, each time told to its conversation',
  }),
  timeout: verifyFields.timeout.prefault('15m').meta({ description: 'For each command' }),
});
export type VerifyConfig = z.output<typeof VerifyConfig>;

const integrateFields = {
  mode: z.enum(['none', 'branch', 'merge', 'pr']),
  verify: z.boolean(),
  onConflict: z.enum(['pause', 'resolve']),
};
/** Where the work of the sessions goes. */
export const IntegrateConfig = z.strictObject({
  mode: integrateFields.mode.optional().meta({
    description:
      'branch (default outside shared): a branch per session; merge: all in one; pr: a command for each',
  }),
  verify: integrateFields.verify
    .default(true)
    .meta({ description: 'Run the checks again where merging changes what was checked' }),
  onConflict: integrateFields.onConflict.default('pause').meta({
    description: 'pause: a person decides; resolve: the conversation that made the change',
  }),
  into: z.string().min(1).optional().meta({
    description: 'A branch of yours that gets what was merged once all is done. Default: none is touched',
  }),
  scope: z.enum(['all', 'each']).default('all').meta({
    description: 'all: no repository gets anything unless every one can',
  }),
  pr: Command.optional().meta({ description: 'The command that opens a pull request; it may push' }),
});
export type IntegrateConfig = z.output<typeof IntegrateConfig>;

/** The same of one session; what it leaves out is the group's. */
export const SessionWorkspace = z.strictObject(partial(workspaceFields));
export const SessionVerify = z.strictObject(partial(verifyFields));
export const SessionIntegrate = z.strictObject(partial(integrateFields));

/** A repository that is cloned for the session, in place of `projectPath`. */
export const GitProject = z.strictObject({
  git: z
    .string()
    .min(1)
    .meta({ description: 'URL of the repository, or its path, relative to the definition file' }),
  ref: z.string().min(1).optional().meta({
    description: "A branch or a commit to start from. Default: workspace.base, that is, the remote's HEAD",
  }),
  subdir: z.string().min(1).optional().meta({ description: 'The folder in it to work in' }),
});
export type GitProject = z.output<typeof GitProject>;

/** All fields made optional, compatible with `exactOptionalPropertyTypes`. */
function partial<T extends Record<string, z.ZodType>>(fields: T): { [K in keyof T]: z.ZodOptional<T[K]> } {
  const entries = Object.entries(fields).map(([key, schema]) => [key, schema.optional()]);
  return Object.fromEntries(entries) as { [K in keyof T]: z.ZodOptional<T[K]> };
}
