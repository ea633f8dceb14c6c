import { z } from 'zod';
import { PLAN_TOOL, QUESTION_TOOL } from '../../../machines/vocabulary.ts';
import { Duration } from '../duration.ts';

/** The permission fields of a definition, without defaults. */
export const permissionFields = {
  mode: z.enum(['default', 'acceptEdits', 'plan', 'bypassPermissions', 'dontAsk']),
  allow: z.array(z.string().min(1)),
  deny: z.array(z.string().min(1)),
  onRequest: z.enum(['ask', 'deny', 'fail']),
  timeout: Duration,
};
/** Interactive tools that would silently wait for a person (design-docs/adr/0008-denials-fail.md). */
export const INTERACTIVE_TOOLS: readonly string[] = [QUESTION_TOOL, 'EnterPlanMode', PLAN_TOOL];
/** What a session may do, and what happens to other requests. */
export const PermissionsConfig = z.strictObject({
  mode: permissionFields.mode.default('acceptEdits'),
  allow: permissionFields.allow.default([]),
  deny: permissionFields.deny.default([...INTERACTIVE_TOOLS]),
  onRequest: permissionFields.onRequest.default('ask'),
  timeout: permissionFields.timeout.prefault('30m'),
});
export type PermissionsConfig = z.output<typeof PermissionsConfig>;

/** Which of Claude Code's settings apply, by its own names. */
export const SettingSource = z.enum(['user', 'project', 'local']);
export type SettingSource = z.output<typeof SettingSource>;
