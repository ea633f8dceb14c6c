import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { given } from '../../sdk/given.ts';
import type { LoadedDefinition, LoadOptions } from '../../sdk/group/definition/definition.ts';
import { type CliContext, definitionPath } from '../context.ts';
import { UsageError } from '../exit-codes.ts';
import type { CliIo } from '../io.ts';

/** The options of every command that reads a definition. */
export const DefinitionOptions = z.object({
  var: z.array(z.tuple([z.string(), z.string()])).default([]),
  varFile: z.string().optional(),
});
export type DefinitionOptions = z.output<typeof DefinitionOptions>;

/** A definition that a command was given. */
export interface GivenDefinition extends LoadedDefinition {
  /** Its absolute path; undefined for one that comes through standard input. */
  readonly path: string | undefined;
}

/**
 * Loads the definition of a command: a file, `-` for standard input, or what the working folder has.
 * @param replaces the definition that it replaces. Default: none.
 * @throws UsageError `missing_file`; DefinitionError.
 */
export async function givenDefinition(
  file: string | undefined,
  options: DefinitionOptions,
  { io, services }: CliContext,
  replaces?: LoadOptions['replaces'],
): Promise<GivenDefinition> {
  const loading = given({ variables: await givenVariables(options, io), replaces });
  if (file === STDIN) {
    const { readInput } = await import('./read-input.ts');
    const text = await readInput(io);
    return {
      ...(await services.loadDefinition(STDIN, io.env, { ...loading, text, baseDir: io.cwd })),
      path: undefined,
    };
  }
  const name = file ?? defaultFile(io);
  const loaded = await services.loadDefinition(definitionPath(name, io), io.env, loading);
  return { ...loaded, path: resolve(io.cwd, name) };
}

/** Stands for standard input. */
export const STDIN = '-';
/** Where a definition is looked for, in this order. */
const DEFAULT_FILES = ['session-groups.yaml', 'session-groups.yml', 'session-groups.json'] as const;

/** @throws UsageError if the working folder has none. */
export function defaultFile({ cwd }: Pick<CliIo, 'cwd'>): string {
  const found = DEFAULT_FILES.find(name => existsSync(join(cwd, name)));
  if (found !== undefined) return found;
  const hint = 'Name a file, or write one with: session-groups init';
  throw new UsageError(`there is no ${DEFAULT_FILES[0]} in ${cwd}`, hint, 'missing_file');
}

/** What the command line says goes before what a file says. */
async function givenVariables({ var: pairs, varFile }: DefinitionOptions, io: CliIo) {
  if (pairs.length === 0 && varFile === undefined) return undefined;
  const { variablesFile } = await import('../templates/variables.ts');
  const fromFile = varFile === undefined ? {} : await variablesFile(varFile, io);
  return { ...fromFile, ...Object.fromEntries(pairs) };
}
