import { slugified } from '../../format.ts';

/** `Cross-project auth refactor` → `cross-project-auth-refactor`: at most 40 characters, never empty. */
export function slugOf(name: string): string {
  const slug = slugified(name)
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return slug === '' ? 'group' : slug;
}

/**
 * `YYYYMMDD-HHMMSS-slug` in UTC, sortable; a second group in the same second gets a suffix.
 * @param isTaken whether an id is already in use.
 */
export function groupIdOf(slug: string, nowMs: number, isTaken: (id: string) => boolean): string {
  const digits = new Date(nowMs).toISOString().replace(/\D/g, '');
  const id = `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${slug}`;
  if (!isTaken(id)) return id;
  for (let suffix = 2; ; suffix++) if (!isTaken(`${id}-${suffix}`)) return `${id}-${suffix}`;
}

/** The second in which a group was created, sortable; undefined for a name that is no id. */
export const secondOf = (id: string): string | undefined => /^\d{8}-\d{6}(?=-)/.exec(id)?.[0];
