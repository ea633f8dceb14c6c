type Plain = Readonly<Record<string, unknown>>;

/**
 * `over` merged into `base`: maps are merged key by key at every depth; any other value, including lists and null,
 * replaces the old one. Neither argument is changed. Keys such as `__proto__` are ordinary keys.
 */
export function deepMerge(base: unknown, over: unknown): unknown {
  if (!isPlain(base) || !isPlain(over)) return over === undefined ? base : over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...keys].map(key => [key, deepMerge(own(base, key), own(over, key))]));
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(map: Plain, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
