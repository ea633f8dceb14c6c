/**
 * Where the parts of an expanded definition come from. Invariant: a path in the definition that its author wrote leads to
 * a place there, so that findings need not know of the expansion.
 */
export interface SourcePlaces {
  /** For each session, the index of the session that it comes from. */
  readonly sessions: readonly number[];
  /** For each session, the index of the edge that each of its edges comes from; undefined: the same. */
  readonly edges: readonly (readonly number[] | undefined)[];
}

type Path = readonly (string | number)[];

/** The path in the source of a path in the expanded definition. */
export function sourcePath(path: Path, places: SourcePlaces | undefined): Path {
  const [root, index, key, edge, ...rest] = path;
  if (places === undefined || root !== 'sessions' || typeof index !== 'number') return path;
  const session = places.sessions[index] ?? index;
  if (key !== 'dependsOn' || typeof edge !== 'number') return [root, session, ...path.slice(2)];
  return [root, session, key, places.edges[index]?.[edge] ?? edge, ...rest];
}
