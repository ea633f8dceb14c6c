import { resolve } from 'node:path';
import { given } from '../../sdk/given.ts';
import { readDocument } from '../../sdk/group/document/read-document.ts';
import { readText } from '../../sdk/group/document/read-text.ts';
import { mapOf } from '../../sdk/group/document/session-view.ts';
import { GroupVariables, variableValue } from '../../sdk/group/fan-out/config.ts';
import { catalogued } from '../../sdk/group/prompts/template-catalogue.ts';
import { templateFolders } from '../../sdk/group/prompts/template-lookup.ts';
import type { CliIo } from '../io.ts';
import { defaultFile, STDIN } from '../run/definition-file.ts';
import type { Candidate, Wanted } from './place.ts';

/** The variables that a template or a definition declares, as `name=`. The definition may have errors elsewhere. */
export async function variables(
  { template, file }: Extract<Wanted, { readonly kind: 'variable' }>,
  io: CliIo,
): Promise<readonly Candidate[]> {
  if (template !== undefined) {
    const found = await catalogued(template, templateFolders(resolve(io.cwd), io.env));
    const declared = (found.ok && found.entry.template?.variables) || [];
    return declared.map(({ name, description }) => candidate(name, description));
  }
  if (file === STDIN) return [];
  const name = file ?? defaultFile(io);
  const read = await readText(resolve(io.cwd, name));
  const document = read.ok ? readDocument(read.text, name) : read;
  const declared = GroupVariables.safeParse(
    document.ok ? mapOf(document.document.value).variables : undefined,
  );
  return Object.entries(declared.data ?? {}).map(([variable, one]) =>
    candidate(variable, one.description ?? variableValue(one)),
  );
}

const candidate = (name: string, told: unknown): Candidate => ({
  value: `${name}=`,
  ...given({ description: typeof told === 'string' ? told : undefined }),
});
