import type { AttemptConfig, AttemptSpec } from '../agent.ts';
import { removedTools } from './end/waiting-tools.ts';

/**
 * The command line of one attempt. It contains options only: the prompt goes through standard input, because arguments
 * are limited in size and a prompt may look like an option. Every value is joined to its option with `=`, so that
 * neither a rule starting with `-` nor a list option can swallow what follows.
 */
export function claudeArguments(spec: AttemptSpec, conversation: 'new' | 'resume'): string[] {
  const { permissions, settingSources } = spec;
  const args = [
    '-p',
    '--input-format=stream-json',
    '--output-format=stream-json',
    '--verbose',
    '--include-partial-messages',
    '--replay-user-messages',
    conversation === 'resume' ? `--resume=${spec.conversation.id}` : `--session-id=${spec.conversation.id}`,
    `--permission-mode=${permissions.mode}`,
    `--setting-sources=${settingSources.join(',')}`,
  ];
  if (spec.model !== undefined) args.push(`--model=${spec.model}`);
  for (const rule of permissions.allow) args.push(`--allowedTools=${rule}`);
  for (const rule of [...removedTools(permissions.allow), ...permissions.deny])
    args.push(`--disallowedTools=${rule}`);
  if (permissions.onRequest === 'ask') args.push('--permission-prompt-tool=stdio');
  if (spec.outputSchema) args.push(`--json-schema=${JSON.stringify(spec.outputSchema)}`);
  if (spec.maxBudgetUsd !== undefined) args.push(`--max-budget-usd=${usd(spec.maxBudgetUsd)}`);
  if (!settingSources.includes('project')) args.push('--strict-mcp-config');
  return [...args, ...configArguments(spec.config ?? {}, conversation)];
}

/** Generated files. A rule that denies a server's tools overrides the one here that allows them. */
function configArguments(config: AttemptConfig, conversation: 'new' | 'resume'): string[] {
  const { instructionsFile, instructionsChanged, settingsFile, mcpConfigFile, pluginDir } = config;
  const args: string[] = [];
  if (instructionsFile !== undefined) args.push(`--append-system-prompt-file=${instructionsFile}`);
  // Otherwise the client continues with the instructions of the conversation's first request. One before 2.1.257 rejects
  // the option and is run again without it.
  if (instructionsChanged && conversation === 'resume') args.push('--system-prompt-snapshot=off');
  if (settingsFile !== undefined) args.push(`--settings=${settingsFile}`);
  if (mcpConfigFile !== undefined) args.push(`--mcp-config=${mcpConfigFile}`);
  for (const name of config.mcpServers ?? []) args.push(`--allowedTools=mcp__${name}`);
  if (pluginDir !== undefined) args.push(`--plugin-dir=${pluginDir}`);
  return args;
}

/** The client rejects 0 and doesn't parse exponents; a millionth of a dollar is the smallest unit of the ledger. */
const usd = (amount: number): string => Math.max(amount, 0.000001).toFixed(6);
