import { resolve } from 'node:path';
import { DefinitionError } from '../../sdk/group/document/diagnostics.ts';
import { isMap } from '../../sdk/group/document/session-view.ts';
import { didYouMean } from '../../sdk/group/document/suggest.ts';
import type { PromptSession } from '../../sdk/group/prompts/prompt-scope.ts';
import type { TemplateFile } from '../../sdk/group/prompts/template-file.ts';
import { UsageError } from '../exit-codes.ts';
import type { CliIo } from '../io.ts';
import { cleanLine } from '../text.ts';

/** The map that a YAML or JSON file holds. @throws UsageError; DefinitionError for one that cannot be parsed. */
export async function variablesFile(file: string, io: CliIo): Promise<Readonly<Record<string, unknown>>> {
  const { readText } = await import('../../sdk/group/document/read-text.ts');
  const { readDocument } = await import('../../sdk/group/document/read-document.ts');
  const read = await readText(resolve(io.cwd, file));
  if (!read.ok) throw new UsageError(`The file ${file} ${read.message}.`, undefined, read.code);
  const outcome = readDocument(read.text, file);
  if (!outcome.ok) throw new DefinitionError(`${file} cannot be read`, outcome.problems);
  const { value } = outcome.document;
  if (!isMap(value)) {
    throw new UsageError(`${file} holds no map.`, 'Write one variable a line: feature: a token check');
  }
  return value;
}

interface Given {
  /** All that is known. */
  readonly given: Pick<PromptSession, 'variables' | 'inputs'>;
  /** What was said on the command line: it has to be of use. */
  readonly own: Readonly<Record<string, unknown>>;
}

/** @throws UsageError with all that is missing, or that the template does not ask for. */
export function checkVariables({ name, variables }: TemplateFile, { given, own }: Given): void {
  const declared = variables.map(variable => variable.name);
  const [unknown, ...others] = Object.keys(own).filter(key => !declared.includes(key));
  if (unknown !== undefined) {
    const known = declared.length === 0 ? 'It declares none.' : `It declares ${declared.join(', ')}.`;
    const all = [unknown, ...others].map(key => `"${key}"`).join(', ');
    throw new UsageError(
      `The template ${name} declares no variable ${all}.`,
      didYouMean(unknown, declared) ?? known,
      'unknown_variable',
    );
  }
  const { inputs = {} } = given;
  const missing = variables.filter(
    variable =>
      variable.required &&
      !Object.hasOwn(inputs, variable.name) &&
      (given.variables[variable.name] ?? undefined) === undefined,
  );
  if (missing.length === 0) return;
  const told = missing.map(({ name: variable, description }) =>
    description === undefined ? variable : `${variable} (${cleanLine(description)})`,
  );
  throw new UsageError(
    `The template ${name} needs ${told.join(' and ')}.`,
    `Give it: ${missing.map(variable => `--var '${variable.name}=…'`).join(' ')}`,
    'missing_variable',
  );
}
