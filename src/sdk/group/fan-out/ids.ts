import { createHash } from 'node:crypto';
import { slugified } from '../../format.ts';

/**
 * The ids of the sessions that a session with `forEach` becomes. Invariants:
 *
 * FAN-OUT-1 two values never get the same id.
 * FAN-OUT-2 an id doesn't depend on the order of the values; and a value that has an id keeps it, whatever values come or go.
 * FAN-OUT-3 no id is longer than a session's id may be, unless what stands beside the value is.
 */

/** How an id is made of a value: what stands before and after it. */
export interface IdPattern {
  /** What names all of the sessions. */
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** `{{ each }}` in an id or in an edge. */
const EACH = /\{\{\s*each\s*\}\}/;

export const namesEach = (text: string): boolean => EACH.test(text);

/** `audit` and `audit-{{ each }}` are called `audit`. Without a name that is left, undefined. */
export function idPattern(id: string): IdPattern | undefined {
  const [before = '', ...rest] = id.split(EACH);
  if (rest.length === 0) return { name: id, before: `${id}.`, after: '' };
  const after = rest.join('');
  const start = before.replace(/[._-]+$/, '');
  const end = after.replace(/^[._-]+/, '');
  const name = start === '' || end === '' ? start + end : `${start}-${end}`;
  return name === '' || rest.length > 1 ? undefined : { name, before, after };
}

/**
 * The id for each value.
 * @param known ids that values have already, which they keep.
 */
export function fanOutIds(
  { before, after }: IdPattern,
  values: readonly string[],
  known: ReadonlyMap<string, string> = new Map(),
): Map<string, string> {
  const kept = new Map(values.flatMap(value => (known.has(value) ? [[value, known.get(value) ?? '']] : [])));
  const taken = new Set(kept.values());
  const room = Math.max(1, LONGEST_ID - before.length - after.length);
  const wanted = new Map(values.map(value => [value, slugOf(value)]));
  const claims = new Map<string, number>();
  for (const [value, slug] of wanted) {
    if (!kept.has(value)) claims.set(slug, (claims.get(slug) ?? 0) + 1);
  }
  const ids = new Map<string, string>();
  for (const [value, slug] of wanted) {
    const isItsOwn = slug === value; // of several values with a slug, the one that is the slug has it
    const fits = slug !== '' && slug.length <= room && !taken.has(before + slug + after);
    const isFree = fits && (isItsOwn || claims.get(slug) === 1);
    const token = isFree ? slug : hashed(value, slug, room, other => claims.has(other));
    ids.set(value, kept.get(value) ?? before + token + after);
  }
  return ids;
}

/** The longest id of a session. */
const LONGEST_ID = 64;
const HASH_LENGTH = 12;

/** Different for different values, and no slug of another value. */
function hashed(value: string, slug: string, room: number, isSlug: (text: string) => boolean): string {
  const hash = createHash('sha256').update(value).digest('hex');
  for (let length = HASH_LENGTH; ; length += 1) {
    const start = slug.slice(0, Math.max(0, room - length - 1)).replace(/-+$/, '');
    const token = `${start}${start === '' ? '' : '-'}${hash.slice(0, length)}`;
    if (!isSlug(token) || length === hash.length) return token;
  }
}

/** Lower-case letters and digits joined by hyphens; empty for a value without any. */
const slugOf = (value: string): string => slugified(value).replace(/^-+|-+$/g, '');
