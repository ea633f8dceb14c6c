import type { Finding } from '../document/finding.ts';
import { isMap, type SessionView } from '../document/session-view.ts';
import { shown } from '../document/visible.ts';
import { isForeign } from '../prompts/prompt-scope.ts';
import type { Tag } from '../prompts/template-scope.ts';
import type { NamedTemplates } from '../prompts/template-uses.ts';
import { parseTemplate } from '../prompts/templates.ts';

/**
 * Commands that would contain the output of another session. The client runs `!` lines and reads `@` files of a
 * command, so such text isn't allowed in one (config-generator.ts rejects it again when a command is generated).
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
        message: `the command ${shown(name)} would contain another session's output, but Claude Code runs the lines and reads the files that a command names`,
        path: [...path, 'config', 'commands', index],
        suggestion: 'put results into the prompt or claudeMdTemplate, where they are only text',
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

/** The variables that a tag names, including as `variables.NAME`. */
const variablesOf = (tag: Tag): string[] =>
  pathsOf(tag).map(([root, next]) => String(root === 'variables' && next !== undefined ? next : root));
