import type { AttemptSpec } from '../agent.ts';

/**
 * The command line of one attempt. It holds options only: the prompt goes through standard input, because an
 * argument has a size limit and a prompt may look like an option. Every value is joined to its option by `=`,
 * so that neither a rule that begins with `-` nor a list option can swallow what follows it.
 */
export function claudeArguments(spec: AttemptSpec, conversation: 'new' | 'resume'): string[] {
  const { permissions, settingSources } = spec;
  const args = [
    '-p',
    '--input-format=stream-json',
    '--output-format=stream-json',
    '--verbose',
    '--include-partial-messages',
    conversation === 'resume' ? `--resume=${spec.conversation.id}` : `--session-id=${spec.conversation.id}`,
    `--permission-mode=${permissions.mode}`,
    `--setting-sources=${settingSources.join(',')}`,
  ];
  if (spec.model !== undefined) args.push(`--model=${spec.model}`);
  for (const rule of permissions.allow) args.push(`--allowedTools=${rule}`);
  for (const rule of permissions.deny) args.push(`--disallowedTools=${rule}`);
  if (permissions.onRequest === 'ask') args.push('--permission-prompt-tool=stdio');
  if (spec.maxBudgetUsd !== undefined) args.push(`--max-budget-usd=${usd(spec.maxBudgetUsd)}`);
  if (!settingSources.includes('project')) args.push('--strict-mcp-config');
  return args;
}

/** The client refuses 0 and knows no exponents; a millionth of a dollar is the least that the ledger counts. */
const usd = (amount: number): string => Math.max(amount, 0.000001).toFixed(6);
