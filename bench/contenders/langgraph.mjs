import { setMaxListeners } from 'node:events';
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';

/** A node for each session, without a checkpointer. */
export function prepare({ dependencies, limit, task }) {
  const State = Annotation.Root({ ended: Annotation({ reducer: (a, b) => a + b, default: () => 0 }) });
  setMaxListeners(0); // it warns of as many listeners of its own as there are live sessions
  const graph = new StateGraph(State);
  const isNeeded = new Set(dependencies.flat());
  dependencies.forEach((_, index) => {
    graph.addNode(`s${index}`, async () => {
      await task(index);
      return { ended: 1 };
    });
  });
  dependencies.forEach((needed, index) => {
    graph.addEdge(needed.length === 0 ? START : needed.map(one => `s${one}`), `s${index}`);
    if (!isNeeded.has(index)) graph.addEdge(`s${index}`, END);
  });
  const compiled = graph.compile();
  const config = { maxConcurrency: limit, recursionLimit: dependencies.length + 2 };
  return { run: () => compiled.invoke({}, config) };
}
