import { isSettledGroup } from '../../../machines/vocabulary.ts';
import { META_DAMAGED, slugPart } from '../../sdk/group/store/group-meta.ts';
import type { GroupMeta } from '../../sdk/group/store/store.ts';
import { LATEST, ONLY_LIVE } from './group-words.ts';

/*
 * Which of the saved groups a word on the command line means.
 *
 * FIND-1 the better match decides: the id; else a prefix of the id, or the whole slug; else a part of the slug.
 * FIND-2 of equal matches, those that have started and not settled decide; without any, those that have not started;
 *    then settled ones, then archived ones. So a group that is over never makes a live one ambiguous.
 * FIND-3 what is left has to be one group, except that the name of several live groups means the newest of them.
 */

/** The groups that a word means: it is found if there is one, and ambiguous if there are several. */
export interface Matches {
  readonly metas: readonly GroupMeta[];
  /** How many live groups have the same name as the one that was taken. Default: it is the only one. */
  readonly namesakes?: number;
}

/** @param metas newest first, archived ones included. */
export function matchGroups(word: string, metas: readonly GroupMeta[]): Matches {
  if (word === LATEST) return { metas: metas.filter(isListed).slice(0, 1) };
  if (word === ONLY_LIVE) return { metas: foremost(metas.filter(meta => rankOf(meta) <= UNSTARTED)) };
  const best = foremost(bestMatches(word, metas));
  const [newest] = best;
  if (newest === undefined || best.length === 1) return { metas: best };
  const isName = rankOf(newest) === LIVE && best.every(({ slug }) => slug === word);
  return isName ? { metas: [newest], namesakes: best.length } : { metas: best };
}

/** All that a word means by id, prefix or whole slug, whatever their states: for what cannot be undone. */
export const matchWhole = (word: string, metas: readonly GroupMeta[]): readonly GroupMeta[] =>
  word === LATEST ? matchGroups(word, metas).metas : wholeMatches(word, metas);

/** All that the best kind of match finds, whatever their states. */
export function bestMatches(word: string, metas: readonly GroupMeta[]): readonly GroupMeta[] {
  const whole = wholeMatches(word, metas);
  if (whole.length > 0 || word === '') return whole;
  const part = word.toLowerCase();
  return metas.filter(({ id, slug }) => [slug, slugPart(id)].some(name => name.toLowerCase().includes(part)));
}

function wholeMatches(word: string, metas: readonly GroupMeta[]): readonly GroupMeta[] {
  const same = metas.filter(({ id }) => id === word);
  if (same.length > 0 || word === '') return same;
  return metas.filter(({ id, slug }) => id.startsWith(word) || slug === word);
}

function foremost(metas: readonly GroupMeta[]): readonly GroupMeta[] {
  const rank = Math.min(...metas.map(rankOf));
  return metas.filter(meta => rankOf(meta) === rank);
}

const LIVE = 0;
const UNSTARTED = 1;

/** The state that a damaged meta names means nothing. */
function rankOf(meta: GroupMeta): number {
  if (!isListed(meta)) return 3;
  if (isSettledGroup(meta.status) || meta.reason === META_DAMAGED) return 2;
  return meta.status === 'created' ? UNSTARTED : LIVE;
}

const isListed = ({ archivedAt }: GroupMeta): boolean => archivedAt === undefined;
