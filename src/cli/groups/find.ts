import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { SessionGroupsError } from '../../sdk/errors.ts';
import { counted } from '../../sdk/format.ts';
import { standing } from '../../sdk/group/api/list-groups.ts';
import { nearest } from '../../sdk/group/document/suggest.ts';
import { fanOuts, namedIds } from '../../sdk/group/fan-out/members.ts';
import { META_DAMAGED } from '../../sdk/group/store/group-meta.ts';
import type { GroupMeta, GroupStore, StoredGroup } from '../../sdk/group/store/store.ts';
import { listOf } from '../../words/wait-words.ts';
import type { CliContext } from '../context.ts';
import { UsageError } from '../exit-codes.ts';
import { LATEST, ONLY_LIVE } from './group-words.ts';
import { bestMatches, matchGroups, matchWhole } from './match-group.ts';

/**
 * Finds the group for a command-line argument, by the rules of match-group.ts. Says which one is taken where several
 * live groups have that name.
 * @throws UsageError `unknown_group` with suggestions, or `ambiguous_group` with the matches and their states.
 */
export async function findGroup(word: string, store: GroupStore, { io }: CliContext): Promise<StoredGroup> {
  if (!word.startsWith('@')) {
    // What is unique by id, prefix or slug takes no list of all groups.
    try {
      return await store.read(word);
    } catch (error) {
      if (!isMiss(error)) throw error;
    }
  }
  const all = await store.list({ archived: true });
  const { metas, namesakes = 1 } = matchGroups(word, all);
  const id = await onlyOne(word, metas, all, store, io.cwd);
  if (namesakes > 1) io.stderr.write(`${word}: ${id} is the newest of ${namesakes} groups of that name\n`);
  return store.read(id);
}

/**
 * Finds the group to archive or delete, also a damaged one: nothing of it is read but its meta. A part of the slug is not
 * enough, nor that the others are over.
 */
export async function findGroupId(word: string, store: GroupStore, { io }: CliContext): Promise<string> {
  const all = await store.list({ archived: true });
  const whole = matchWhole(word, all);
  const [partly, ...more] = whole.length > 0 ? [] : bestMatches(word, all);
  if (partly !== undefined) throw onlyPart(word, [partly, ...more]);
  return onlyOne(word, whole, all, store, io.cwd);
}

/** What a part of a slug finds, where that is not enough. */
function onlyPart(word: string, found: readonly GroupMeta[]): UsageError {
  const ids = listOf(found.map(({ id }) => id));
  return new UsageError(
    `${word} is only a part of the name of ${ids}; what is to be archived or deleted is named in full`,
    found.length > 1 ? 'Repeat the command with one of these ids.' : `Repeat the command with: ${ids}`,
    'unknown_group',
  );
}

const isMiss = (error: unknown): boolean =>
  error instanceof SessionGroupsError && (error.code === 'unknown_group' || error.code === 'ambiguous_group');

async function onlyOne(
  word: string,
  found: readonly GroupMeta[],
  all: readonly GroupMeta[],
  store: GroupStore,
  cwd: string,
): Promise<string> {
  const [only, ...others] = found;
  if (only === undefined) throw notFound(word, all, cwd);
  if (others.length === 0) return only.id;
  const shown = await Promise.all(
    found.slice(0, MOST_SHOWN).map(async meta => `${meta.id} (${await stateOf(meta, store)})`),
  );
  const more = found.length > MOST_SHOWN ? ` and ${found.length - MOST_SHOWN} more` : '';
  const several = word === ONLY_LIVE ? 'several groups are live' : `${word} matches several groups`;
  throw new UsageError(
    `${several}: ${shown.join(', ')}${more}`,
    'Name one of them; a longer part of its id is enough.',
    'ambiguous_group',
  );
}

const MOST_SHOWN = 5;

async function stateOf(meta: GroupMeta, store: GroupStore): Promise<string> {
  if (meta.archivedAt !== undefined) return 'archived';
  return meta.reason === META_DAMAGED ? 'damaged' : (await standing(meta, store)).status;
}

function notFound(word: string, all: readonly GroupMeta[], cwd: string): UsageError {
  const [newest] = matchGroups(LATEST, all).metas;
  const none = 'Run one with: session-groups run FILE';
  if (word === ONLY_LIVE || word === LATEST) {
    const text = word === LATEST ? 'there are no groups' : 'no group is named, and none is live';
    const hint = newest
      ? `The newest is ${newest.id} (${newest.status}): name it, or write ${LATEST}.`
      : none;
    return new UsageError(text, hint, 'unknown_group');
  }
  const hint = existsSync(resolve(cwd, word))
    ? `To run a definition file: session-groups run ${word}`
    : (suggestion(word, all) ?? 'List groups with: session-groups group list');
  return new UsageError(`no group matches ${JSON.stringify(word)}`, hint, 'unknown_group');
}

/** A command for one session, or for all of a fan-out. @returns their ids. @throws UsageError `unknown_session`. */
export function sessionsNamed(word: string, stored: Pick<StoredGroup, 'group'>): readonly string[] {
  const named = namedIds(stored.group.definition.sessions, [word]);
  if (named.includes(word)) checkSession(word, stored);
  return named;
}

function suggestion(word: string, all: readonly GroupMeta[]): string | undefined {
  const names = new Map(all.toReversed().flatMap(({ id, slug }) => [[id, id] as const, [slug, id] as const]));
  const found = names.get(nearest(word, [LATEST, ...names.keys()]) ?? '');
  return found === undefined ? undefined : `Did you mean ${found}?`;
}

/** Finds a session that a command is for. @throws UsageError `unknown_group`, `ambiguous_group`, `unknown_session`. */
export async function findSession(
  word: string,
  id: string,
  context: CliContext,
): Promise<{ readonly store: GroupStore; readonly stored: StoredGroup }> {
  const store = await context.services.openStore(context.io.env);
  const stored = await findGroup(word, store, context);
  checkSession(id, stored);
  return { store, stored };
}

/** A command for one session. @throws UsageError `unknown_session`. */
export function checkSession(id: string, { group }: Pick<StoredGroup, 'group'>): void {
  const { sessions } = group.definition;
  const ids = sessions.map(session => session.id);
  if (ids.includes(id)) return;
  const named = namedIds(sessions, [id]);
  if (!named.includes(id)) {
    const some = `${named.slice(0, 10).join(', ')}${named.length > 10 ? ', …' : ''}`;
    const message = `${id} names ${counted(named.length, 'session')} of ${group.id}, and one is wanted`;
    throw new UsageError(message, `Choose one of: ${some}`, 'unknown_session');
  }
  const likely = nearest(id, [...ids, ...fanOuts(sessions).keys()]);
  const hint = likely === undefined ? `It has: ${ids.slice(0, 10).join(', ')}` : `Did you mean ${likely}?`;
  throw new UsageError(`${group.id} has no session ${JSON.stringify(id)}`, hint, 'unknown_session');
}
