import PQueue from 'p-queue';
import { countdown } from '../lib/graphs.mjs';

/** A queue with a limit; whoever settles adds those that can start now. */
export function prepare({ dependencies, limit, task }) {
  const { roots, ended } = countdown(dependencies);
  const queue = new PQueue({ concurrency: limit });
  const add = index =>
    void queue.add(async () => {
      await task(index);
      ended(index).forEach(add);
    });
  return {
    run() {
      roots.forEach(add);
      return queue.onIdle();
    },
  };
}
