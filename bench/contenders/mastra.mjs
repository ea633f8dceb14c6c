import { createStep, createWorkflow } from '@mastra/core/workflows';
import { z } from 'zod';
import { layersOf } from '../lib/graphs.mjs';

/** A workflow is a row of steps: the sessions of one depth are the items of a `foreach`. */
export async function prepare({ dependencies, limit, task }) {
  const layers = layersOf(dependencies);
  const Indices = z.array(z.number());
  const session = createStep({
    ...{ id: 'session', inputSchema: z.number(), outputSchema: z.number() },
    execute: async ({ inputData }) => {
      await task(inputData);
      return inputData;
    },
  });
  let workflow = createWorkflow({ id: 'group', inputSchema: Indices, outputSchema: Indices });
  layers.forEach((_, depth) => {
    workflow = workflow.foreach(session, { concurrency: limit });
    if (depth + 1 < layers.length) workflow = workflow.map(async () => layers[depth + 1]);
  });
  const run = await workflow.commit().createRunAsync();
  return {
    async run() {
      const { status, error } = await run.start({ inputData: layers[0] });
      if (status !== 'success') throw error ?? new Error(status);
    },
  };
}
