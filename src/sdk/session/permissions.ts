import { z } from 'zod';
import { Duration } from '../duration.ts';

/** The rules and answers that a definition can give, without their defaults. */
export const permissionFields = {
  mode: z.enum(['default', 'acceptEdits', 'plan', 'bypassPermissions', 'dontAsk']),
  allow: z.array(z.string().min(1)),
  deny: z.array(z.string().min(1)),
  onRequest: z.enum(['ask', 'deny', 'fail']),
  timeout: Duration,
};
/** Interactive tools that would wait for a person in silence (design-docs/adr/0008-denials-fail.md). */
export const INTERACTIVE_TOOLS: readonly string[] = ['AskUserQuestion', 'EnterPlanMode', 'ExitPlanMode'];
/** What a session may do, and who is asked for the rest. */
export const PermissionsConfig = z.strictObject({
  mode: permissionFields.mode.default('acceptEdits').meta({ description: 'As Claude Code knows them' }),
  allow: permissionFields.allow
    .default([])
    .meta({ description: 'Rules as Claude Code writes them, e.g. Bash(npm test)' }),
  deny: permissionFields.deny.default([...INTERACTIVE_TOOLS]),
  onRequest: permissionFields.onRequest
    .default('ask')
    .meta({ description: 'A request beyond the rules: ask a person, deny it, or fail the session' }),
  timeout: permissionFields.timeout
    .prefault('30m')
    .meta({ description: 'How long a request waits for its answer' }),
});
export type PermissionsConfig = z.output<typeof PermissionsConfig>;

/** Whose settings of Claude Code apply, in its own words. */
export const SettingSource = z.enum(['user', 'project', 'local']);
export type SettingSource = z.output<typeof SettingSource>;
