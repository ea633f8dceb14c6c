import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { SessionGroupsError } from '../../sdk/errors.ts';
import { nearest } from '../../sdk/group/document/suggest.ts';
import type { GroupStore, StoredGroup } from '../../sdk/group/store/store.ts';
import type { CliContext } from '../context.ts';
import { UsageError } from '../exit-codes.ts';

/**
 * Finds the group for a command-line argument.
 * @throws UsageError `unknown_group` with suggestions, or `ambiguous_group`.
 */
export async function findGroup(word: string, store: GroupStore, { io }: CliContext): Promise<StoredGroup> {
  try {
    return await store.read(word);
  } catch (error) {
    if (!(error instanceof SessionGroupsError)) throw error;
    if (error.code === 'ambiguous_group') throw new UsageError(error.message, error.hint, error.code);
    if (error.code !== 'unknown_group') throw error;
    const hint = existsSync(resolve(io.cwd, word))
      ? `To run a definition file: session-groups run ${word}`
      : ((await suggestion(word, store)) ?? error.hint);
    throw new UsageError(error.message, hint, error.code);
  }
}

/** Finds the group to delete: a damaged one needs its full id. */
export async function findGroupId(word: string, store: GroupStore, context: CliContext): Promise<string> {
  const metas = await store.list({ archived: true });
  if (metas.some(({ id }) => id === word)) return word;
  return (await findGroup(word, store, context)).group.id;
}

async function suggestion(word: string, store: GroupStore): Promise<string | undefined> {
  const metas = await store.list();
  const names = new Map(metas.flatMap(({ id, slug }) => [[id, id] as const, [slug, id] as const]));
  const bySpelling = names.get(nearest(word, names.keys()) ?? '');
  const byPart = metas.filter(({ id }) => id.includes(word)).map(({ id }) => id);
  const found = [...new Set([...(bySpelling === undefined ? [] : [bySpelling]), ...byPart])].slice(0, 3);
  return found.length === 0 ? undefined : `Did you mean ${found.join(', ')}?`;
}

/** @throws UsageError `unknown_session`. */
export function checkSession(id: string, { group }: Pick<StoredGroup, 'group'>): void {
  const ids = group.definition.sessions.map(session => session.id);
  if (ids.includes(id)) return;
  const likely = nearest(id, ids);
  const hint = likely === undefined ? `It has: ${ids.slice(0, 10).join(', ')}` : `Did you mean ${likely}?`;
  throw new UsageError(`${group.id} has no session ${JSON.stringify(id)}`, hint, 'unknown_session');
}
