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

/**
 * The structured output in what a program printed: all of it if it is JSON, else the last line that is a JSON object.
 * Undefined if there is none.
 */
export function lastJson(text: string): unknown {
  const whole = parseJson(text.trim());
  if (whole !== undefined) return whole;
  for (let end = text.length; end > 0; ) {
    const start = text.lastIndexOf('\n', end - 1) + 1;
    const line = text.slice(start, end).trim();
    const value = line.startsWith('{') ? parseJson(line) : undefined;
    if (value !== undefined) return value;
    end = start - 1;
  }
  return undefined;
}
