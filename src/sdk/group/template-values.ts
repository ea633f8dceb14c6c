import type { TemplateFile } from './prompts/template-file.ts';

/** What a template's variables stand for: what was given, else the default; undefined where there is neither. */
export function templateValues(
  { variables }: Pick<TemplateFile, 'variables'>,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    variables.map(variable => {
      const value = Object.hasOwn(given, variable.name) ? given[variable.name] : undefined;
      return [variable.name, value ?? variable.default];
    }),
  );
}
