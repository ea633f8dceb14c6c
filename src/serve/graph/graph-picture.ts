import { given } from '../../sdk/given.ts';
import { buildGraph, DEFAULT_ESTIMATE_MS } from '../../sdk/group/dependency-graph.ts';
import { allOf, fanOuts } from '../../sdk/group/fan-out/members.ts';
import type { SessionGroup, SessionGroupDefinition } from '../../sdk/group/types.ts';
import type { GraphArrow, GraphPicture } from '../picture-types.ts';
import type { Layout, LayoutInput } from './layout.ts';

const HEIGHT = 52;
const LEAST_WIDTH = 196;
const MAX_WIDTH = 240;

const MAX_CACHED = 32;

/** Dependency graphs, laid out once per revision of the group's definition. */
export function graphPictures(layOut: (input: LayoutInput) => Promise<Layout>) {
  const kept = new Map<string, Promise<GraphPicture>>();
  return (
    { id, createdAt, revision = 0, definition }: SessionGroup,
    folded = false,
  ): Promise<GraphPicture> => {
    const key = `${id} ${createdAt} ${revision} ${folded}`;
    const picture = kept.get(key) ?? graphPicture(definition, layOut, folded);
    kept.set(key, picture);
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_CACHED) break;
      kept.delete(oldest);
    }
    return picture;
  };
}

/**
 * Lays out the dependencies and marks the critical path.
 *
 * @param folded whether each fan-out of several sessions is one box. Default: false.
 */
export async function graphPicture(
  { sessions, config }: SessionGroupDefinition,
  layOut: (input: LayoutInput) => Promise<Layout>,
  folded = false,
): Promise<GraphPicture> {
  const { respectDependencies } = config.concurrency;
  const graph = buildGraph(sessions, { respectDependencies });
  const chain = graph.criticalPath(DEFAULT_ESTIMATE_MS).sessions;
  const next = new Map(chain.map((id, index) => [id, chain[index + 1]]));
  const fanOutOf = new Map(
    [...(folded ? fanOuts(sessions) : [])].flatMap(([name, members]) =>
      members.length < 2 ? [] : members.map(({ id }) => [id, name] as const),
    ),
  );
  const boxOf = (id: string): string => {
    const name = fanOutOf.get(id);
    return name === undefined ? id : allOf(name);
  };
  // A path of one session is not marked: any other session would be as long.
  const marked = new Set(chain.length > 1 ? chain.map(boxOf) : []);
  const edges = new Map<string, Pick<GraphArrow, 'from' | 'to' | 'when' | 'critical'>>();
  for (const { id, dependencies } of graph.nodes) {
    for (const { to: dependency, when } of dependencies) {
      const before = graph.nodes[dependency]?.id ?? '';
      const [from, to] = [boxOf(before), boxOf(id)];
      const key = JSON.stringify([from, to, when]);
      const critical = next.get(before) === id || edges.get(key)?.critical === true;
      if (from !== to) edges.set(key, { from, to, when, critical });
    }
  }
  const arrows = [...edges.values()];
  const boxes = [...new Map(sessions.map(({ id }) => [boxOf(id), fanOutOf.get(id)]))].map(([id, fanOut]) => ({
    ...{ id, width: widthOf(fanOut ?? id), height: HEIGHT },
    ...given({ fanOut }),
  }));
  const layout = await layOut({
    direction: 'right',
    nodes: boxes.map(({ id, width, height }) => ({ id, width, height })),
    edges: arrows.map(({ from, to, when }) => ({
      from,
      to,
      ...(when === 'completed' ? {} : { label: `if ${when}` }),
    })),
  });
  return {
    width: layout.width,
    height: layout.height,
    nodes: boxes.map((box, index) => ({
      ...box,
      ...(layout.nodes[index] ?? { x: 0, y: 0 }),
      critical: marked.has(box.id),
    })),
    edges: arrows.map((arrow, index) => ({
      ...arrow,
      points: layout.edges[index] ?? [],
    })),
  };
}

const widthOf = (id: string): number => Math.min(MAX_WIDTH, Math.max(LEAST_WIDTH, 44 + 8 * id.length));
