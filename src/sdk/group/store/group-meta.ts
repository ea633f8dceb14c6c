import { z } from 'zod';
import { GROUP_REASONS } from '../../../../machines/vocabulary.ts';
import { given } from '../../given.ts';
import { parseJson } from '../../json.ts';
import { GroupStatus, type SessionGroup } from '../types.ts';
import { secondOf } from './group-id.ts';
import { GROUP_COUNTS, type GroupCounts, type GroupMeta, type GroupStore } from './store.ts';

/** The `reason` in the meta of a group whose `meta.json` could not be read completely. */
export const META_DAMAGED = 'meta_damaged' as const;

/** The meta of a new group. */
export function newGroupMeta(group: SessionGroup): GroupMeta {
  const { id, slug, createdAt, definition, sourceFile, rehearsal, executor } = group;
  const { name, description, sessions } = definition;
  const counts = { total: sessions.length, pending: sessions.length };
  const figures = { createdAt, updatedAt: createdAt, counts, totalCostUsd: 0 };
  const more = { sourceFile, rehearsal, executor };
  return given({ id, name, slug, description, status: 'created', ...figures, ...more });
}

/** Reads a `meta.json`; unreadable fields are derived from the id, and `reason` says so. */
export function readMeta(id: string, text: string | undefined): GroupMeta {
  const found = parseJson(text ?? '');
  const whole = Meta.safeParse(found);
  if (whole.success && whole.data.id === id) return given(whole.data);
  const fields = Fields.safeParse(found).data ?? {};
  const pick = <T>(schema: z.ZodType<T>, value: unknown, otherwise: T): T =>
    schema.safeParse(value).data ?? otherwise;
  const createdAt = pick(z.string(), fields.createdAt, createdAtOf(id));
  return {
    id,
    name: pick(z.string(), fields.name, slugPart(id)),
    slug: pick(z.string(), fields.slug, slugPart(id)),
    status: pick(GroupStatus, fields.status, 'created'),
    reason: META_DAMAGED,
    createdAt,
    updatedAt: pick(z.string(), fields.updatedAt, createdAt),
    counts: pick(Counts, fields.counts, {}),
    totalCostUsd: pick(z.number(), fields.totalCostUsd, 0),
  };
}

/** `20260101-093000-auth-refactor` → `auth-refactor`, with the suffix if it has one. */
export const slugPart = (id: string): string => id.slice('YYYYMMDD-HHMMSS-'.length) || id;

/** The creation time in an id, as ISO 8601; the epoch for a name that isn't an id. */
export function createdAtOf(id: string): string {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-/.exec(id) ?? [];
  const [year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.map(Number);
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second)).toISOString();
}

/** The order of lists: newest first, then by id, descending. */
const newestFirst = (a: GroupMeta, b: GroupMeta): number =>
  compare(b.createdAt, a.createdAt) || compare(b.id, a.id);

type ListOptions = NonNullable<Parameters<GroupStore['list']>[0]>;

/** Sorts for a list, and omits archived groups unless requested. */
export function listedGroups(metas: readonly GroupMeta[], asked: ListOptions = {}): GroupMeta[] {
  return metas.filter(meta => isListed(meta, asked)).sort(newestFirst);
}

const isListed = ({ archivedAt }: GroupMeta, { archived = false }: ListOptions): boolean =>
  archived || archivedAt === undefined;

/**
 * The same, from the ids, whose metas are read one by one: with a limit, those of older groups are not read, since an id
 * begins with the second in which its group was created.
 * @param read undefined: it has been removed meanwhile.
 */
export function newestGroups(
  ids: readonly string[],
  read: (id: string) => GroupMeta | undefined,
  asked: ListOptions = {},
): GroupMeta[] {
  const { limit = Number.POSITIVE_INFINITY } = asked;
  const found: GroupMeta[] = [];
  let dated = 0;
  let last: string | undefined;
  for (const id of ids.toSorted((a, b) => compare(b, a))) {
    const second = secondOf(id);
    // Those of the same second may follow in another order.
    if (second !== undefined && dated >= limit && second !== last) continue;
    const meta = read(id);
    if (meta === undefined || !isListed(meta, asked)) continue;
    found.push(meta);
    if (second === undefined) continue;
    dated += 1;
    last = second;
  }
  return found.sort(newestFirst);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const Fields = z.record(z.string(), z.unknown());
/** Of another release, only what this one knows. */
const Counts: z.ZodType<GroupCounts> = z.object(
  Object.fromEntries(GROUP_COUNTS.map(name => [name, z.number().exactOptional()])),
);
const Meta = z.object({
  id: z.string(),
  name: z.string(),
  slug: z.string(),
  status: GroupStatus,
  createdAt: z.string(),
  updatedAt: z.string(),
  counts: Counts,
  totalCostUsd: z.number(),
  description: z.string().optional(),
  reason: z
    .enum([...GROUP_REASONS, META_DAMAGED])
    .optional()
    .catch(undefined),
  rehearsal: z.literal(true).optional().catch(undefined),
  executor: z.object({ kind: z.string(), pool: z.string() }).optional().catch(undefined),
  toDeliver: z.literal(true).optional().catch(undefined),
  sourceFile: z.string().optional(),
  archivedAt: z.string().optional(),
});
