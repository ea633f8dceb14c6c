import type { CataloguedTemplate } from '../../sdk/group/prompts/template-catalogue.ts';
import type { TemplateOrigin } from '../../sdk/group/prompts/template-lookup.ts';
import type { TemplateVariable } from '../../sdk/group/prompts/template-matter.ts';
import { type Look, painter } from '../terminal.ts';
import { cleanBlock, cleanLine } from '../text.ts';

const ORIGINS: Readonly<Record<TemplateOrigin, string>> = {
  group: 'next to the definition',
  user: 'yours',
  shipped: 'built-in',
};

/** Two lines per template: name, origin and description, then its variables. */
export function renderTemplates(templates: readonly CataloguedTemplate[], look: Look): string {
  const paint = painter(look.color);
  const width = Math.max(...templates.map(({ name }) => name.length));
  const origin = Math.max(...templates.map(({ from }) => ORIGINS[from].length));
  const lines = templates.flatMap(({ name, from, template }) => {
    const what =
      template === undefined ? paint('red', 'cannot be read') : cleanLine(template.description ?? '');
    const head = `${paint('bold', name.padEnd(width))}  ${ORIGINS[from].padEnd(origin)}  ${what}`.trimEnd();
    const variables = (template?.variables ?? []).map(
      variable => variable.name + (variable.required ? ' (required)' : ''),
    );
    if (variables.length === 0) return [head];
    return [head, paint('dim', `${' '.repeat(width + origin + 4)}${variables.join(', ')}`)];
  });
  return `${lines.join('\n')}\n`;
}

/** The template's description, path, variables and text. */
export function renderTemplate(entry: CataloguedTemplate, look: Look): string {
  const paint = painter(look.color);
  const { template } = entry;
  const variables = template?.variables ?? [];
  const lines = [
    paint('bold', `${entry.name} (${ORIGINS[entry.from]})`),
    ...(template?.description === undefined ? [] : [cleanLine(template.description)]),
    cleanLine(entry.file),
    '',
    ...(variables.length === 0 ? ['no variables'] : [paint('bold', 'Variables')]),
    ...variables.flatMap(variable => variableLines(variable)),
    '',
    cleanBlock(entry.text.slice(template?.bodyStart ?? 0)).replace(/\n+$/, ''),
  ];
  return `${lines.join('\n')}\n`;
}

function variableLines({ name, required, default: given, description }: TemplateVariable): readonly string[] {
  const text = typeof given === 'string' ? given : JSON.stringify(given);
  const fallback = given === undefined ? 'optional' : `default: ${cleanLine(text)}`;
  return [
    `  ${name}${description === undefined ? '' : `: ${cleanLine(description)}`}`,
    `    ${required ? 'required' : fallback}`,
  ];
}

/** A template for `--json`. */
export function templateLine({ name, from, file, template, problems }: CataloguedTemplate) {
  return {
    type: 'template',
    name,
    from,
    file,
    description: template?.description,
    variables: (template?.variables ?? []).map(({ place, ...variable }) => variable),
    problems: problems.length === 0 ? undefined : problems,
  };
}
