/**
 * A definition's sessions, as far as they can be read, whatever else is wrong with the file. Invariant: nothing here
 * throws or reports problems; the checks that use it run alongside the schema, so all problems are reported at once.
 */
export interface SessionView {
  readonly index: number;
  readonly path: Path;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly id: string | undefined;
  readonly edges: readonly EdgeView[];
}

export interface EdgeView {
  readonly session: string;
  readonly when: unknown;
  readonly path: Path;
}

type Path = readonly (string | number)[];

export function sessionViews(definition: unknown): SessionView[] {
  const sessions = isMap(definition) ? definition.sessions : undefined;
  if (!Array.isArray(sessions)) return [];
  return sessions.flatMap((raw: unknown, index) => {
    if (!isMap(raw)) return [];
    const path = ['sessions', index];
    return [{ index, path, raw, id: text(raw.id), edges: edges(raw.dependsOn, path) }];
  });
}

function edges(dependsOn: unknown, path: Path): EdgeView[] {
  if (!Array.isArray(dependsOn)) return [];
  return dependsOn.flatMap((edge: unknown, index): EdgeView[] => {
    const here = [...path, 'dependsOn', index];
    if (typeof edge === 'string') return [{ session: edge, when: 'completed', path: here }];
    const session = isMap(edge) ? text(edge.session) : undefined;
    if (!isMap(edge) || session === undefined) return [];
    return [{ session, when: edge.when ?? 'completed', path: [...here, 'session'] }];
  });
}

/** A map of a document: any object that isn't a list. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value if it is a map; an empty one for anything else. */
export const mapOf = (value: unknown): Readonly<Record<string, unknown>> => (isMap(value) ? value : {});

/** The keys of a map; none for anything else. */
export const keysOf = (value: unknown): readonly string[] => (isMap(value) ? Object.keys(value) : []);

/** The value if it is a nonempty string. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
