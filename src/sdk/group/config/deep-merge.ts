import { isMap } from '../document/session-view.ts';

/**
 * `over` merged into `base`: maps are merged key by key at every depth; any other value, including lists and null,
 * replaces the old one. Neither argument is changed. Keys such as `__proto__` are ordinary keys.
 */
export function deepMerge(base: unknown, over: unknown): unknown {
  if (!isMap(base) || !isMap(over)) return over === undefined ? base : over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...keys].map(key => [key, deepMerge(own(base, key), own(over, key))]));
}

function own(map: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
