import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { GroupMeta } from '../../sdk/group/store/store.ts';
import type { CliContext } from '../context.ts';
import { cleanLine } from '../text.ts';
import { type Candidate, type Place, placeOf, type Wanted } from './place.ts';

/**
 * Answers a shell that asks what can be written next: one candidate a line, with its description after a tab. `:file` and
 * `:folder` leave it to the shell. An error is no candidate, and nothing is said of it: somebody is typing.
 *
 * Only what is asked for is loaded: names of groups load the store, commands and options nothing.
 */
export async function printCandidates(
  program: Command,
  words: readonly string[],
  context: CliContext,
): Promise<void> {
  const place = placeOf(program, words);
  for (const wanted of place.wanted) {
    if (wanted.kind === 'file' || wanted.kind === 'folder') context.io.stdout.write(`:${wanted.kind}\n`);
    else
      for (const line of linesOf(await named(wanted, place, context).catch(() => []), place))
        context.io.stdout.write(`${line}\n`);
  }
}

const MOST = 500;

function linesOf(candidates: readonly Candidate[], { typed, before }: Place): readonly string[] {
  const fitting = candidates.filter(({ value }) => value.startsWith(typed));
  return fitting.slice(0, MOST).map(({ value, description }) => {
    const word = cleanLine(`${before}${value}`);
    return description ? `${word}\t${cleanLine(description).slice(0, 100)}` : word;
  });
}

async function named(
  wanted: Exclude<Wanted, { kind: 'file' | 'folder' }>,
  { typed }: Place,
  context: CliContext,
): Promise<readonly Candidate[]> {
  if (wanted.kind === 'words') return wanted.words;
  if (wanted.kind === 'variable') return (await import('./variables.ts')).variables(wanted, context.io);
  if (wanted.kind === 'group') return groups(typed, context);
  return wanted.kind === 'session' ? sessions(wanted.group, context) : templates(context);
}

/** By name as long as that means one of them; by id where it does not, and where an id is being written. */
async function groups(typed: string, { io, services }: CliContext): Promise<Candidate[]> {
  const { LATEST } = await import('../groups/group-words.ts');
  const { matchGroups } = await import('../groups/match-group.ts');
  const metas = await (await services.openStore(io.env)).list({ limit: MOST });
  const [newest] = metas;
  const byId = (meta: GroupMeta): Candidate => ({ value: meta.id, description: stateOf(meta) });
  if (/^\d/.test(typed)) return metas.map(byId);
  const byName = [...new Set(metas.map(({ slug }) => slug))].flatMap(slug => {
    const [only, ...others] = matchGroups(slug, metas).metas;
    if (only && others.length === 0) return [{ value: slug, description: stateOf(only) }];
    return metas.filter(meta => meta.slug === slug).map(byId);
  });
  return [...byName, ...(newest ? [{ value: LATEST, description: newest.id }] : [])];
}

const stateOf = ({ status, name, counts: { completed = 0, total = 0 } }: GroupMeta): string =>
  `${status} ${completed}/${total} ${name}`;

async function sessions(group: string, context: CliContext): Promise<Candidate[]> {
  const { findGroup } = await import('../groups/find.ts');
  const { io, services } = context;
  const stored = await findGroup(group, await services.openStore(io.env), context);
  return stored.group.definition.sessions.map(({ id, description = '' }) => {
    const status = stored.fold?.sessions.get(id)?.status ?? 'pending';
    return { value: id, description: [status, description].filter(Boolean).join(' ') };
  });
}

/** Those beside a definition of the working folder, the user's, and those built in. */
async function templates({ io }: CliContext): Promise<Candidate[]> {
  const { listTemplates, templateFolders } = await import('../../sdk/group/prompts/template-lookup.ts');
  const listed = await listTemplates(templateFolders(resolve(io.cwd), io.env));
  return listed.map(({ name, from }) => ({ value: name, description: from }));
}
