import { resolve } from 'node:path';
import { sentence } from '../../sdk/format.ts';
import { DefinitionError } from '../../sdk/group/document/diagnostics.ts';
import { isMap } from '../../sdk/group/document/session-view.ts';
import { didYouMean } from '../../sdk/group/document/suggest.ts';
import type { PromptSession } from '../../sdk/group/prompts/prompt-scope.ts';
import type { TemplateFile } from '../../sdk/group/prompts/template-file.ts';
import { UsageError } from '../exit-codes.ts';
import type { CliIo } from '../io.ts';
import { cleanLine } from '../text.ts';

/** Reads a YAML or JSON file with a map. @throws UsageError; DefinitionError if it cannot be parsed. */
export async function variablesFile(file: string, io: CliIo): Promise<Readonly<Record<string, unknown>>> {
  const { readText } = await import('../../sdk/group/document/read-text.ts');
  const { readDocument } = await import('../../sdk/group/document/read-document.ts');
  const read = await readText(resolve(io.cwd, file));
  if (!read.ok) throw new UsageError(`the file ${file} ${read.message}`, undefined, read.code);
  const outcome = readDocument(read.text, file, 'all');
  if (!outcome.ok) throw new DefinitionError(`${file} cannot be read`, outcome.problems);
  const { value } = outcome.document;
  if (!isMap(value)) {
    throw new UsageError(`${file} is not a map`, 'Write one variable per line: feature: a token check');
  }
  return value;
}

interface Given {
  /** All variables and inputs. */
  readonly given: Pick<PromptSession, 'variables' | 'inputs'>;
  /** Those from the command line: each must be declared. */
  readonly own: Readonly<Record<string, unknown>>;
}

/** @throws UsageError that names all missing or all undeclared variables. */
export function checkVariables({ name, variables }: TemplateFile, { given, own }: Given): void {
  const declared = variables.map(variable => variable.name);
  const [unknown, ...others] = Object.keys(own).filter(key => !declared.includes(key));
  if (unknown !== undefined) {
    const known = declared.length === 0 ? 'it has no variables' : `it has ${declared.join(', ')}`;
    const all = [unknown, ...others].map(key => `"${key}"`).join(', ');
    throw new UsageError(
      `the template ${name} has no variable ${all}`,
      sentence(didYouMean(unknown, declared) ?? known),
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
  const described = missing.map(({ name: variable, description }) =>
    description === undefined ? variable : `${variable} (${cleanLine(description)})`,
  );
  throw new UsageError(
    `the template ${name} needs ${described.join(' and ')}`,
    `Add: ${missing.map(variable => `--var '${variable.name}=…'`).join(' ')}`,
    'missing_variable',
  );
}
