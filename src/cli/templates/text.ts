import type { CataloguedTemplate } from '../../sdk/group/prompts/template-catalogue.ts';
import type { TemplateOrigin } from '../../sdk/group/prompts/template-lookup.ts';
import type { TemplateVariable } from '../../sdk/group/prompts/template-matter.ts';
import { type Look, painter } from '../terminal.ts';
import { cleanBlock, cleanLine } from '../text.ts';
import { proseRow } from '../width.ts';

const ORIGINS: Readonly<Record<TemplateOrigin, string>> = {
  group: 'next to the definition',
  user: 'yours',
  shipped: 'built-in',
};

/** A row per template: name, origin and description, and its variables below that. */
export function renderTemplates(templates: readonly CataloguedTemplate[], look: Look): string {
  const paint = painter(look.color);
  const width = Math.max(...templates.map(({ name }) => name.length));
  const origin = Math.max(...templates.map(({ from }) => ORIGINS[from].length));
  const beside = width + origin + 4;
  const all = templates.flatMap(({ name, from, template }) => {
    const head = {
      text: `${paint('bold', name.padEnd(width))}  ${ORIGINS[from].padEnd(origin)}  `,
      width: beside,
    };
    const lines =
      template === undefined
        ? [head.text + paint('red', 'cannot be read')]
        : proseRow(head, cleanLine(template.description ?? ''), look.columns);
    const variables = (template?.variables ?? []).map(
      variable => variable.name + (variable.required ? ' (required)' : ''),
    );
    if (variables.length === 0) return lines;
    const below = { text: ' '.repeat(beside), width: beside };
    return [...lines, ...proseRow(below, variables.join(', '), look.columns).map(line => paint('dim', line))];
  });
  return `${all.join('\n')}\n`;
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
