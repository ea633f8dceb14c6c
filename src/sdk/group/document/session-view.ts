import { isObject } from '../../argument.ts';
import { type SourcePlaces, sourcePath } from './source-places.ts';

/**
 * A definition's sessions, as far as they can be read, whatever else is wrong with the file. Invariant: nothing here
 * throws or reports problems; the checks that use it run alongside the schema, so all problems are reported at once.
 */
export interface SessionView {
  readonly index: number;
  /** In the definition as its author wrote it. */
  readonly path: Path;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly id: string | undefined;
  readonly edges: readonly EdgeView[];
}

/** An edge; there may be hundreds of thousands, so its path is made when it is asked for. */
export interface EdgeView {
  readonly session: string;
  readonly when: unknown;
  /** Its index in `dependsOn` of the definition's author. */
  readonly index: number;
  /** Whether it is written as `{session: ID}`. */
  readonly isMap: boolean;
}

/** Where an edge of the session names its target. */
export function edgePath({ path }: SessionView, { index, isMap }: EdgeView): Path {
  return isMap ? [...path, 'dependsOn', index, 'session'] : [...path, 'dependsOn', index];
}

type Path = readonly (string | number)[];

/** @param places where its parts come from, if it is expanded: paths are those of the source. */
export function sessionViews(definition: unknown, places?: SourcePlaces): SessionView[] {
  const sessions = isMap(definition) ? definition.sessions : undefined;
  if (!Array.isArray(sessions)) return [];
  return sessions.flatMap((raw: unknown, index) => {
    if (!isMap(raw)) return [];
    const path = sourcePath(['sessions', index], places);
    return [{ index, path, raw, id: text(raw.id), edges: edges(raw.dependsOn, places?.edges[index]) }];
  });
}

function edges(dependsOn: unknown, origins: readonly number[] | undefined): EdgeView[] {
  if (!Array.isArray(dependsOn)) return [];
  const views: EdgeView[] = [];
  dependsOn.forEach((edge: unknown, at) => {
    const index = origins?.[at] ?? at;
    if (typeof edge === 'string') views.push({ session: edge, when: 'completed', index, isMap: false });
    const session = isMap(edge) ? text(edge.session) : undefined;
    if (!isMap(edge) || session === undefined) return;
    views.push({ session, when: edge.when ?? 'completed', index, isMap: true });
  });
  return views;
}

/** The id as its author knows it: of a session of a fan-out, the fan-out's name. */
export const authorsId = ({ raw, id }: SessionView): string | undefined => text(mapOf(raw.forEach).of) ?? id;

/** A map of a document: any object that isn't a list. */
export const isMap = isObject;

/** The value if it is a map; an empty one for anything else. */
export const mapOf = (value: unknown): Readonly<Record<string, unknown>> => (isMap(value) ? value : {});

/** The keys of a map; none for anything else. */
export const keysOf = (value: unknown): readonly string[] => (isMap(value) ? Object.keys(value) : []);

/** The value if it is a nonempty string. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
