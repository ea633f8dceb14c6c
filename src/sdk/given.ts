type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The same fields without those that are undefined, which are absent instead (`exactOptionalPropertyTypes`). */
export function given<const T extends object>(fields: T): Given<T>;
export function given(fields: Readonly<Record<string, unknown>>): object {
  const present: Record<string, unknown> = {};
  for (const key of Object.keys(fields)) if (fields[key] !== undefined) present[key] = fields[key];
  return present;
}

/** The variables of an environment that are set. */
export const setVariables = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
