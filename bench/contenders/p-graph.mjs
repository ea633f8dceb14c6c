import { PGraph } from 'p-graph';

export function prepare({ dependencies, limit, task }) {
  const nodes = new Map(dependencies.map((_, index) => [`s${index}`, { run: () => task(index) }]));
  const edges = dependencies.flatMap((needed, index) => needed.map(one => [`s${one}`, `s${index}`]));
  const graph = new PGraph(nodes, edges);
  return { run: () => graph.run({ concurrency: limit }) };
}
