import { z } from 'zod';

/**
 * Reading messages of programs that change with every release: a field that is missing or null is absent, and so is one
 * of an unexpected type, which is named. Only a message without what makes it one isn't read at all.
 */

/** A field that may be missing or null. */
export const maybe = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform(value => value ?? undefined);

/** How many of something there are. */
export const count = z.number().int().nonnegative();

export interface Tolerated<T> {
  readonly value: T;
  /** The fields that count as absent because of their type, as paths: `modelUsage.opus.inputTokens`. */
  readonly unread: readonly string[];
}

/** Undefined if something required is missing. Consumes `json`: what can't be read is taken out of it. */
export function tolerate<T extends z.ZodType>(schema: T, json: unknown): Tolerated<z.output<T>> | undefined {
  const unread: string[] = [];
  for (;;) {
    const parsed = schema.safeParse(json);
    if (parsed.success) return { value: parsed.data, unread };
    const emptied = new Set<unknown[]>();
    for (const { path } of parsed.error.issues) {
      // What is required and missing makes its parent unreadable.
      const culprit = valueAt(json, path) === undefined ? path.slice(0, -1) : path;
      if (culprit.length === 0) return undefined;
      if (removed(json, culprit, emptied)) unread.push(culprit.map(String).join('.'));
    }
    for (const list of emptied) compact(list);
  }
}

/** Takes the place of removed items of a list, until all have been found by their positions. */
const REMOVED = Symbol('removed');

function compact(list: unknown[]): void {
  let kept = 0;
  for (const item of list) if (item !== REMOVED) list[kept++] = item;
  list.length = kept;
}

function removed(json: unknown, path: readonly PropertyKey[], emptied: Set<unknown[]>): boolean {
  const parent = valueAt(json, path.slice(0, -1));
  const key = path.at(-1);
  if (Array.isArray(parent) && typeof key === 'number') {
    if (parent[key] === REMOVED) return false;
    parent[key] = REMOVED;
    emptied.add(parent);
    return true;
  }
  return isObject(parent) && key !== undefined && key in parent && Reflect.deleteProperty(parent, key);
}

const valueAt = (json: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (isObject(value) ? Reflect.get(value, key) : undefined), json);

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
