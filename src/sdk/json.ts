/** The value of a JSON text; undefined if it isn't JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * How many values may be nested in each other in what comes from outside. Parsing takes any depth, but whatever walks a
 * value needs stack for each level, `JSON.stringify` too: it fails at a few thousand.
 */
export const DEEPEST_JSON = 200;

/** Whether a value is nested no deeper than that. */
export function isShallow(value: unknown, levels = DEEPEST_JSON): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every(inner => isShallow(inner, levels - 1));
}

/** The value as it is read back from JSON; undefined if JSON cannot represent it, or it is nested too deep. */
export function plainJson(value: unknown): unknown {
  try {
    const text: string | undefined = JSON.stringify(value);
    const plain: unknown = text === undefined ? undefined : JSON.parse(text);
    return isShallow(plain) ? plain : undefined;
  } catch {
    return undefined;
  }
}
