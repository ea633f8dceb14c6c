import type { Finding } from '../document/finding.ts';
import { isMap, type SessionView } from '../document/session-view.ts';
import { shown } from '../document/visible.ts';
import { isForeign } from '../prompts/prompt-scope.ts';
import type { Tag } from '../prompts/template-scope.ts';
import type { NamedTemplates } from '../prompts/template-uses.ts';
import { parseTemplate } from '../prompts/templates.ts';

/**
 * Commands that would hold what another session returned. The client runs `!` lines and reads `@` files of a command,
 * so such text has no place there (config-generator.ts refuses it once more when a command is made).
 */
export function commandFindings(sessions: readonly SessionView[], templates: NamedTemplates): Finding[] {
  return sessions.flatMap(({ raw, path }) => {
    const names: readonly unknown[] =
      isMap(raw.config) && Array.isArray(raw.config.commands) ? raw.config.commands : [];
    const inputs = foreignInputs(raw.inputs);
    return names.flatMap((name, index) => {
      const template = typeof name === 'string' ? templates.get(name) : undefined;
      if (template?.ok !== true || template.template === undefined) return [];
      const { variables, body } = template.template;
      const declared = variables.map(variable => variable.name);
      const foreign =
        body.tags.some(namesForeign) ||
        body.tags.some(tag => variablesOf(tag).some(root => declared.includes(root) && inputs.has(root)));
      if (!foreign) return [];
      const finding: Finding = {
        code: 'foreign_in_command',
        message: `the command ${shown(name)} would hold what another session returned, and the client runs lines and reads files that a command names`,
        path: [...path, 'config', 'commands', index],
        suggestion: 'put results into the prompt or claudeMdTemplate: there they are text and nothing else',
      };
      return [finding];
    });
  });
}

function foreignInputs(inputs: unknown): ReadonlySet<string> {
  const entries = Object.entries(isMap(inputs) ? inputs : {});
  const foreign = entries.filter(
    ([, text]) => typeof text === 'string' && parseTemplate(text).tags.some(namesForeign),
  );
  return new Set(foreign.map(([name]) => name));
}

const pathsOf = ({ expression }: Tag) =>
  expression.flatMap(operand => (operand.kind === 'path' ? [operand.path] : []));

const namesForeign = (tag: Tag): boolean => pathsOf(tag).some(path => isForeign(path));

/** The variables that a tag names, also as `variables.NAME`. */
const variablesOf = (tag: Tag): string[] =>
  pathsOf(tag).map(([root, next]) => String(root === 'variables' && next !== undefined ? next : root));
