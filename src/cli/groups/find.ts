import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { SessionGroupsError } from '../../sdk/errors.ts';
import { nearest } from '../../sdk/group/document/suggest.ts';
import { findGroup as findId } from '../../sdk/group/store/find-group.ts';
import type { GroupStore, StoredGroup } from '../../sdk/group/store/store.ts';
import type { CliContext } from '../context.ts';
import { UsageError } from '../exit-codes.ts';

/**
 * Finds the group for a command-line argument.
 * @throws UsageError `unknown_group` with suggestions, or `ambiguous_group`.
 */
export async function findGroup(word: string, store: GroupStore, { io }: CliContext): Promise<StoredGroup> {
  return store.read(word).catch(error => notFound(error, word, store, io.cwd));
}

/** Finds the group to delete, also a damaged one: nothing of it is read but its meta. */
export async function findGroupId(word: string, store: GroupStore, { io }: CliContext): Promise<string> {
  const slugs = new Map((await store.list({ archived: true })).map(({ id, slug }) => [id, slug]));
  try {
    return findId(word, [...slugs.keys()], id => slugs.get(id) ?? '');
  } catch (error) {
    return notFound(error, word, store, io.cwd);
  }
}

async function notFound(error: unknown, word: string, store: GroupStore, cwd: string): Promise<never> {
  if (!(error instanceof SessionGroupsError)) throw error;
  if (error.code === 'ambiguous_group') throw new UsageError(error.message, error.hint, error.code);
  if (error.code !== 'unknown_group') throw error;
  const hint = existsSync(resolve(cwd, word))
    ? `To run a definition file: session-groups run ${word}`
    : ((await suggestion(word, store)) ?? error.hint);
  throw new UsageError(error.message, hint, error.code);
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
