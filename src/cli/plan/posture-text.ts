import type { PlannedSession } from '../../sdk/group/api/plan.ts';
import { cleanLine } from '../text.ts';

/** What a session may do, part by part; empty: that part says nothing. */
export type Rules = readonly string[];

const ON_REQUEST = {
  ask: 'anything else needs approval; the session fails if no one can answer',
  deny: 'anything else is denied',
  fail: 'anything else fails the session',
} as const;

/** What is said of a part that is empty where it is not for most sessions. */
const WITHOUT: Rules = ['', '', '', '', 'no MCP servers of its own', 'the usual config folder'];

/** The rules that most sessions have; undefined if no two have the same. */
export function commonRules(sessions: readonly PlannedSession[]): Rules | undefined {
  const counts = new Map<string, { readonly rules: Rules; count: number }>();
  for (const session of sessions) {
    const rules = rulesOf(session);
    if (rules === undefined) continue;
    const key = rules.join('\n');
    const same = counts.get(key) ?? { rules, count: 0 };
    same.count += 1;
    counts.set(key, same);
  }
  const [most] = [...counts.values()].sort((a, b) => b.count - a.count);
  return most !== undefined && most.count > 1 ? most.rules : undefined;
}

/** The common rules, as they are shown once for all. */
export const commonLines = (rules: Rules): readonly string[] => indented(rules, '  ');

/** What a session may do beyond or unlike the common rules, and what its project starts by itself. */
export function postureLines(
  session: PlannedSession,
  common: Rules | undefined,
  sign: (text: string) => string,
): readonly string[] {
  const rules = rulesOf(session);
  if (rules === undefined) return [];
  const own = rules.map((rule, part) => {
    if (rule === common?.[part]) return '';
    return rule === '' && common?.[part] ? (WITHOUT[part] ?? '') : rule;
  });
  const { mcpServers = [], hooks = [], unreadable = [] } = session.projectSettings ?? {};
  const warnings = [
    ...mcpServers.map(({ name, file }) => `starts MCP server ${name} without asking (${file})`),
    ...hooks.map(({ event, command, file }) => `runs at ${event} without asking: ${command} (${file})`),
    ...unreadable.map(({ file, message }) => `unreadable and ignored: ${file}: ${message}`),
  ];
  return [...indented(own, '    '), ...warnings.map(text => `      ${sign(text)}`)];
}

/** The first part names the rest. */
const indented = ([first = '', ...more]: Rules, margin: string): string[] => [
  ...(first === '' ? [] : [`${margin}permissions: ${first}`]),
  ...more.filter(rule => rule !== '').map(rule => `${margin}  ${rule}`),
];

function rulesOf({
  permissions,
  settingSources,
  mcpServers = [],
  isolateConfigDir,
}: PlannedSession): Rules | undefined {
  if (permissions === undefined) return undefined;
  const listed = (list: readonly string[], none: string) =>
    list.length === 0 ? none : cleanLine(list.join(', '));
  const { mode, allow, deny, onRequest } = permissions;
  return [
    `${mode}; allows ${listed(allow, 'nothing')}; denies ${listed(deny, 'nothing')}`,
    ON_REQUEST[onRequest],
    settingSources === undefined ? '' : `settings from: ${listed(settingSources, 'none')}`,
    settingSources?.includes('project') === false
      ? "the project's settings, hooks and MCP servers are ignored; its CLAUDE.md is passed as plain text"
      : '',
    mcpServers.length === 0 ? '' : `MCP servers (their tools are allowed): ${listed(mcpServers, '')}`,
    isolateConfigDir ? "a separate config folder, without the user's memory and settings" : '',
  ];
}
