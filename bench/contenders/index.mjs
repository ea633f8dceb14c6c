/**
 * What W1 compares: each a module in this folder with
 *
 *   prepare({ dependencies, limit, task, options }): { run(), close?() }
 *
 * `prepare` makes whatever is made once for a graph, `run` resolves when all sessions have ended, `close` lets go of what
 * is left. `dependencies` has the numbers of the sessions that each one needs; `task(index)` is the work of one, a promise;
 * at most `limit` may be live. If a contender cannot run here, `prepare` throws an Unavailable with the reason.
 *
 * `package`: what it is made of, from bench/package.json. `most`: the largest graph that it gets, if more takes too long.
 */
export const CONTENDERS = [
  { name: 'ours', file: 'ours.mjs' },
  { name: 'ours, file store', file: 'ours.mjs', options: { store: 'file' } },
  { name: 'floor', file: 'floor.mjs' },
  { name: 'p-queue', file: 'p-queue.mjs', package: 'p-queue' },
  { name: 'p-graph', file: 'p-graph.mjs', package: 'p-graph' },
  { name: 'listr2', file: 'listr2.mjs', package: 'listr2' },
  { name: 'async.auto', file: 'async-auto.mjs', package: 'async', most: 2_000 },
  { name: 'Effect', file: 'effect.mjs', package: 'effect' },
  { name: 'bare xstate children', file: 'xstate-children.mjs', package: 'xstate' },
  { name: 'textbook XState', file: 'xstate-textbook.mjs', package: 'xstate', most: 1_000 },
  { name: 'LangGraph', file: 'langgraph.mjs', package: '@langchain/langgraph', most: 1_000 },
  { name: 'Mastra', file: 'mastra.mjs', package: '@mastra/core' },
  { name: 'BullMQ', file: 'bullmq.mjs', package: 'bullmq' },
];
