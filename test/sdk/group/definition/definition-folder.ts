import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type LoadedDefinition,
  type LoadOptions,
  loadDefinition,
} from '../../../../src/sdk/group/definition/definition.ts';
import { DefinitionError } from '../../../../src/sdk/group/document/diagnostics.ts';

/** A temporary folder with the projects `lib` and `web`, a prompt file, and the files of the test. */
export async function definitionFolder(files: Readonly<Record<string, string | Uint8Array>> = {}) {
  const path = await mkdtemp(join(tmpdir(), 'definition-'));
  for (const project of ['lib', 'web']) await mkdir(join(path, project));
  const all = { 'prompt.md': 'Read me\n', ...files };
  for (const [name, content] of Object.entries(all)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
  return {
    path,
    load: (name = 'group.yaml', options: LoadOptions = { env: {} }) =>
      loadDefinition(join(path, name), options),
    remove: (name: string) => rm(join(path, name)),
    dispose: () => rm(path, { recursive: true, force: true }),
  };
}

/** The problems of a definition; fails the test if there are none. */
export async function problemsOf(loading: Promise<LoadedDefinition>) {
  const error = await loading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DefinitionError))
    throw new Error(`expected a DefinitionError, got ${String(error)}`);
  return error.diagnostics;
}
