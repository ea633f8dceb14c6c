import { isUnanswered, type PermissionDenial } from '../../session/usage.ts';

/**
 * The denials that nobody asked for: no rule, no hook and no person refused the request, nobody could answer it. Agents
 * that don't say who refused are believed about those that a person denied.
 */
export function unansweredOf(
  denials: readonly PermissionDenial[],
  deniedByPerson: number,
): readonly PermissionDenial[] {
  const unexplained = denials.filter(({ refusedBy }) => refusedBy === undefined);
  const byPerson = new Set(unexplained.slice(0, deniedByPerson));
  return denials.filter(denial => isUnanswered(denial) && !byPerson.has(denial));
}

/** What was denied, and what to do about it. */
export function deniedText(
  [first, ...others]: readonly PermissionDenial[],
  groupId: string,
): string | undefined {
  if (!first) return undefined;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return unansweredText(first, `a request for permission was denied${more}: nobody could answer it`, groupId);
}

export function unansweredText(
  { tool, input }: Pick<PermissionDenial, 'tool' | 'input'>,
  why: string,
  groupId: string,
): string {
  const call = input === undefined ? tool : `${tool}(${input})`;
  return [
    `${call}: ${why}.`,
    `To allow it, add \`permissions: {allow: [${JSON.stringify(ruleFor(tool, input))}]}\` to the definition, then`,
    `\`session-groups group update ${groupId} FILE\` and \`session-groups group retry ${groupId}\`.`,
  ].join(' ');
}

/** A rule that allows the call, in Claude Code's syntax: as narrow as its input is short and plain. */
function ruleFor(tool: string, input: string | undefined): string {
  if (input === undefined || /[\n)*…]|^\{/.test(input)) return tool;
  if (tool === 'Bash') return `Bash(${input})`;
  return ['Write', 'Edit', 'NotebookEdit'].includes(tool) && input.startsWith('/') ? `Edit(/${input})` : tool;
}
