import type { Finding } from '../document/finding.ts';
import { isMap, text } from '../document/session-view.ts';
import { shown } from '../document/visible.ts';
import { idPattern, namesEach } from '../fan-out/ids.ts';
import { fanOutNamed } from '../fan-out/members.ts';

/** The ids of a fan-out by value. */
export type FanOutIds = ReadonlyMap<string, string>;

/** What a session waits for, with all sessions of each fan-out in place of its name. */
export interface ExpandedEdges {
  readonly dependsOn: unknown;
  /** For each edge, the index of that which names it in the definition; undefined if nothing has changed. */
  readonly origins: readonly number[] | undefined;
  readonly findings: readonly Finding[];
}

/**
 * @param fanOuts those of the definition, by name.
 * @param value the value of the session that waits, if it is one of a fan-out: an edge with `{{ each }}` names the session
 *   of another fan-out with the same value.
 */
export function expandEdges(
  dependsOn: unknown,
  path: Finding['path'],
  fanOuts: ReadonlyMap<string, FanOutIds>,
  value: string | undefined,
): ExpandedEdges {
  if (!Array.isArray(dependsOn)) return { dependsOn, origins: undefined, findings: [] };
  const edges: unknown[] = [];
  const origins: number[] = [];
  const findings: Finding[] = [];
  let changes = false;
  dependsOn.forEach((edge: unknown, index) => {
    const ids = idsOf(edge, [...path, index], fanOuts, value, findings);
    changes ||= ids !== undefined;
    for (const id of ids ?? [undefined]) {
      edges.push(id === undefined ? edge : isMap(edge) ? { ...edge, session: id } : id);
      origins.push(index);
    }
  });
  return changes ? { dependsOn: edges, origins, findings } : { dependsOn, origins: undefined, findings };
}

/** Undefined: the edge stays as it is. */
function idsOf(
  edge: unknown,
  path: Finding['path'],
  fanOuts: ReadonlyMap<string, FanOutIds>,
  value: string | undefined,
  findings: Finding[],
): readonly string[] | undefined {
  const name = text(isMap(edge) ? edge.session : edge);
  if (name === undefined) return undefined;
  const all = fanOuts.get(name);
  if (all !== undefined) return [...all.values()];
  const starred = fanOutNamed(name);
  if (starred !== undefined && fanOuts.has(starred)) {
    const message = `${shown(name)} can only be named in tags`;
    findings.push({
      code: 'unknown_session',
      message,
      path,
      suggestion: `write ${starred}, which names all of them`,
    });
    return [];
  }
  if (value === undefined || !namesEach(name)) return undefined;
  const of = idPattern(name)?.name ?? name;
  const id = fanOuts.get(of)?.get(value);
  if (id !== undefined) return [id];
  const message = fanOuts.has(of)
    ? `${shown(of)} has no session for ${shown(value)}`
    : `${shown(of)} is not a fan-out`;
  findings.push({ code: 'unknown_session', message, path });
  return [];
}

/** How many edges the fan-outs of a definition may make. */
export const MOST_EDGES = 1_000_000;

/** How many edges there will be, before any is made. */
export function countEdges(dependsOn: unknown, fanOuts: ReadonlyMap<string, FanOutIds>): number {
  if (!Array.isArray(dependsOn)) return 0;
  return dependsOn.reduce<number>((sum, edge: unknown) => {
    const name = text(isMap(edge) ? edge.session : edge);
    return sum + (name === undefined ? 1 : (fanOuts.get(name)?.size ?? 1));
  }, 0);
}
