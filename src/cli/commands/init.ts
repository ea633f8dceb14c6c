import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { SCHEMA_ADDRESS } from '../../sdk/process/own-files.ts';
import type { CliContext } from '../context.ts';
import { UsageError } from '../exit-codes.ts';
import { jsonLine, shellWord } from '../text.ts';
import { INIT_TEMPLATE, SCHEMA_BESIDE } from './init-template.ts';

const InitOptions = z.object({ force: z.boolean().default(false), json: z.boolean().default(false) });

/** `init [FILE]`: writes a commented definition to start from. */
export async function init(context: CliContext, file: string, given: unknown): Promise<void> {
  const { io } = context;
  const options = InitOptions.parse(given);
  const path = resolve(io.cwd, file);
  // It would be read as JSON, which has no comments.
  if (extname(file).toLowerCase() === '.json') {
    const yaml = `${file.slice(0, -'.json'.length)}.yaml`;
    throw new UsageError(`${file}: init writes YAML with comments, not JSON`, `Name it ${yaml}.`);
  }
  await writeNew(path, file, options.force);
  if (options.json) {
    io.stdout.write(jsonLine({ type: 'initialized', file: path }));
    return;
  }
  const shown = relative(io.cwd, path);
  io.stdout.write(`Wrote ${shown}\n`);
  io.stderr.write(`Next: session-groups plan ${shellWord(shown)}\n`);
}

/**
 * The address of the JSON Schema for editors: in the package beside the definition, which works offline, else where it is
 * published. The path of the package that runs would be wrong on any other machine, and after its next update.
 */
const schemaFor = (folder: string): string =>
  existsSync(join(folder, SCHEMA_BESIDE)) ? SCHEMA_BESIDE : SCHEMA_ADDRESS;

/** Checks and writes in one step, so that no other program's file is overwritten. */
async function writeNew(path: string, file: string, force: boolean): Promise<void> {
  try {
    await writeFile(
      path,
      INIT_TEMPLATE.replace(SCHEMA_BESIDE, () => schemaFor(dirname(path))),
      { flag: force ? 'w' : 'wx' },
    );
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') throw new UsageError(`${file} already exists`, 'Overwrite it with --force.');
    if (code === 'EISDIR') throw new UsageError(`${file} is a folder`, 'Give the name of a file.');
    if (code === 'ENOENT') throw new UsageError(`the folder of ${file} does not exist`);
    if (code === 'EACCES' || code === 'EROFS') throw new UsageError(`${file} cannot be written`);
    throw error;
  }
}
