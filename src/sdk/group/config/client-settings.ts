import { z } from 'zod';

/**
 * The parts of Claude Code's settings format where mistakes go unnoticed: measured on 2.1.330, a value of the wrong
 * type (`deny: Bash`, `model: 5`) makes the client silently ignore the whole file, and it drops rules it can't read.
 */
const Rules = z.array(
  z.string().regex(/^[^\s()][^()]*(?:\(.+\))?$/s, 'expected a rule such as Bash(npm test) or WebFetch'),
);
const Names = z.array(z.string().min(1));

const Permissions = z.looseObject({
  allow: Rules.optional(),
  ask: Rules.optional(),
  deny: Rules.optional(),
  defaultMode: z.string().min(1).optional(),
  disableBypassPermissionsMode: z.literal('disable').optional(),
  additionalDirectories: Names.optional(),
});

const Hook = z.looseObject({
  type: z.string().min(1),
  command: z.string().min(1).optional(),
  timeout: z.number().positive().optional(),
});
const HookMatcher = z.looseObject({ matcher: z.string().optional(), hooks: z.array(Hook) });

export const ClientSettings = z.looseObject({
  $schema: z.string().optional(),
  permissions: Permissions.optional(),
  hooks: z.record(z.string(), z.array(HookMatcher)).optional(),
  env: z.record(z.string(), z.string()).optional(),
  model: z.string().optional(),
  apiKeyHelper: z.string().optional(),
  awsAuthRefresh: z.string().optional(),
  awsCredentialExport: z.string().optional(),
  alwaysThinkingEnabled: z.boolean().optional(),
  attribution: z.looseObject({}).optional(),
  autoMemoryEnabled: z.boolean().optional(),
  cleanupPeriodDays: z.number().optional(),
  disableAllHooks: z.boolean().optional(),
  disabledMcpjsonServers: Names.optional(),
  effortLevel: z.string().optional(),
  enableAllProjectMcpServers: z.boolean().optional(),
  enabledMcpjsonServers: Names.optional(),
  enabledPlugins: z.looseObject({}).optional(),
  extraKnownMarketplaces: z.looseObject({}).optional(),
  fallbackModel: z.unknown().optional(),
  fastMode: z.boolean().optional(),
  forceLoginMethod: z.string().optional(),
  includeCoAuthoredBy: z.boolean().optional(),
  language: z.string().optional(),
  otelHeadersHelper: z.string().optional(),
  outputStyle: z.string().optional(),
  respectGitignore: z.boolean().optional(),
  sandbox: z.looseObject({}).optional(),
  spinnerTipsEnabled: z.boolean().optional(),
  statusLine: z.looseObject({}).optional(),
});
export type ClientSettings = z.infer<typeof ClientSettings>;

export const KNOWN_SETTINGS: readonly string[] = Object.keys(ClientSettings.shape);
export const KNOWN_PERMISSIONS: readonly string[] = Object.keys(Permissions.shape);

/** Events for which the client runs hooks (2.1.330); other names are ignored. */
export const HOOK_EVENTS: readonly string[] = [
  ...['PreToolUse', 'PostToolUse', 'PostToolUseFailure', 'PostToolBatch', 'Notification'],
  ...['UserPromptSubmit', 'UserPromptExpansion', 'SessionStart', 'SessionEnd', 'Stop', 'StopFailure'],
  ...['SubagentStart', 'SubagentStop', 'PreCompact', 'PostCompact', 'PreModelSwitch', 'PostModelSwitch'],
  ...['PermissionRequest', 'PermissionDenied', 'Setup', 'TeammateIdle', 'TaskCreated', 'TaskCompleted'],
  ...['Elicitation', 'ElicitationResult', 'ConfigChange', 'WorktreeCreate', 'WorktreeRemove'],
  ...['InstructionsLoaded', 'CwdChanged', 'FileChanged', 'DirectoryAdded', 'MessageDisplay'],
];
export const HOOK_TYPES: readonly string[] = ['command', 'prompt', 'agent', 'http', 'mcp_tool'];
export const PERMISSION_MODES: readonly string[] = [
  ...['acceptEdits', 'auto', 'bypassPermissions', 'default', 'dontAsk', 'plan'],
];
